"""A result that becomes a document of its own: beside one that is open, of which two are picked."""

from krita import Selection

WIDTH, HEIGHT = 320, 192
STEPS = 2


def play(stage):
    stage.tell_of_server()
    document = stage.new(256, 256)
    yield lambda: document.activeNode() is not None
    yield from stage.clear_room()
    selection = Selection()
    selection.select(64, 64, 128, 128, 255)
    document.setSelection(selection)
    yield lambda: "Connected" in stage.text("status")
    paint = stage.docker().panel.paint
    paint.prompt.setPlainText("a red ball")
    stage.widget("steps").setValue(STEPS)
    yield from beside(stage, document)
    yield from picked(stage)
    yield from alone(stage)


def beside(stage, document):
    """One variation: nothing is touched in the document in front."""
    paint = stage.docker().panel.paint
    before = stage.flat(document)
    stage.note("sides shown", [side(stage, name).isVisible() for name in ("width", "height")])
    paint.target.choice.choose("new")
    yield side(stage, "width").isVisible
    side(stage, "width").setValue(WIDTH)
    side(stage, "height").setValue(HEIGHT)
    yield lambda: f"{WIDTH} by {HEIGHT}" in stage.text("plan")
    stage.note("button", paint.begin.button.text())
    stage.note("plan", stage.text("plan"))
    yield 0.3
    stage.screenshot("asked")
    yield from stage.click("begin")
    yield lambda: stage.newest is not None and stage.newest.state in ("placed", "failed")
    stage.note("state", stage.newest.state)
    made = [other for other in shown(stage) if other != document]
    stage.note("made", len(made))
    stage.note("in front", stage.app.activeDocument() == made[0])
    stage.note("size", [made[0].width(), made[0].height()])
    stage.note("layers", stage.names(made[0].rootNode()))
    stage.note("colours", [made[0].colorModel(), made[0].colorDepth()])
    stage.note("untouched", stage.flat(document) == before)
    stage.note("old layers", stage.names(document.rootNode()))
    yield 0.3
    stage.screenshot("made")


def picked(stage):
    """Two of two: they become layers of one document."""
    known = len(shown(stage))
    stage.widget("count").setValue(2)
    yield from stage.click("begin")
    yield lambda: stage.newest.state == "ready"
    stage.note("none made", len(shown(stage)) == known)
    stage.docker().easel.place(stage.newest.job, (0, 1))
    yield lambda: sum(each.placed for each in stage.newest.variations) == 2
    stage.note("one made", len(shown(stage)) == known + 1)
    stage.note("both", stage.names(stage.app.activeDocument().rootNode()))


def alone(stage):
    """Without any document open."""
    stage.widget("count").setValue(1)
    for document in shown(stage):
        stage.close(document)
    yield lambda: not shown(stage)
    yield 0.5
    before = stage.newest.job
    stage.docker().begin()
    yield lambda: stage.newest.job != before
    yield lambda: stage.newest.state in ("placed", "failed")
    stage.note("alone", [stage.newest.state, len(shown(stage))])


def side(stage, name):
    return stage.widget(f"new_{name}")


def shown(stage):
    """The documents that have a view: the plug-in's own workshops have none."""
    return [view.document() for view in stage.window.views()]
