"""A start and an end."""


def play(stage):
    stage.note("started", True)
    yield 1.0
