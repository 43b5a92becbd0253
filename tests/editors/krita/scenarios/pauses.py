"""Jobs of 2048 by 2048 pixels at the docker, while a heart beats on Krita's UI thread."""

from bottega_driver.heart import Heart
from bottega_driver.watch import Watch
from krita import Selection

SIDE = 2048
STEPS = 6


def play(stage):
    stage.tell_of_server()
    document = stage.new(SIDE, SIDE)
    yield lambda: document.activeNode() is not None
    yield from stage.clear_room()
    yield lambda: "Connected" in stage.text("status")
    selection = Selection()
    selection.select(300, 300, 1400, 1400, 255)
    document.setSelection(selection)
    yield 2.0
    stage.widget("steps").setValue(STEPS)
    stage.widget("count").setValue(1)
    for name in ("first", "second"):
        yield from painted(stage, name)


def painted(stage, name):
    """A job from the click to its layer: its pauses and turns, by the state that it was in."""
    heart, watch = Heart(), Watch()
    yield 1.5
    seen = "idle"
    entries = stage.docker().easel.entries
    known = len(entries())
    yield from stage.click("begin")
    while seen not in ("placed", "failed", "stopped"):
        state = entries()[-1].state if len(entries()) > known else seen
        if state != seen:
            heart.note(seen)
            watch.file(seen)
            seen = state
        yield 0.01
    watch.end()
    heart.end()
    stage.note(name, {"ended": seen, "pauses": heart.pauses, "turns": watch.notes})
    stage.note(f"{name}: beats", heart.beats)
