"""An artist at the docker: no server, then one; fill, undo, redo, cancel, wait in the queue."""

from bottega_driver.qt import QtCore
from bottega_krita._vendor.bottega_client.easel import Easel
from bottega_krita._vendor.bottega_client.wishes import Wish
from krita import Selection

from bottega_krita.document import KritaDocument
from bottega_krita.ui_thread import UiThread

UI = UiThread()
PROMPT = "a red ball"
FEW, MANY = 6, 150
"""Steps: done at once, and long enough to be in the way."""

SEED = 1
ENDS = ("placed", "failed", "stopped")

OTHERS = 3
"""Jobs of many variations: more than a worker paints at once."""


def play(stage):
    yield from without_server(stage)
    for depth in ("U8", "U16"):
        yield from photograph(stage, depth)
    yield from stopped(stage)
    yield from queued(stage)
    yield from own_world(stage)


def without_server(stage):
    """Nobody listens: the docker says so at once and when asked; it finds a server by itself."""
    document = stage.new(200, 150)
    yield lambda: document.activeNode() is not None
    yield from stage.clear_room()
    yield lambda: "bottega serve" in stage.text("advice")
    stage.note("absent", [stage.text("message"), stage.text("status")])
    select(document, (50, 50, 60, 60), b"\xff" * 3600)
    yield from fill(stage)
    stage.note("no server", [stage.text("stage"), stage.text("remedy")])
    stage.note("no server: layers", stage.names(document.rootNode()))
    yield 0.3
    stage.screenshot("no-server")
    stage.tell_of_server()
    yield lambda: stage.text("status").find("Connected") > 0
    stage.note("settled", not stage.widget("notice").isVisible())
    model = stage.widget("model")
    stage.note("models", [model.itemText(row) for row in range(model.count())])
    stage.note("connected", stage.text("status"))


def photograph(stage, depth):
    """A photograph under a glaze (active) and a varnish; a feathered ellipse; a prompt; Fill."""
    document = opened(stage, depth)
    glaze = layer(document, "glaze", stage, depth)
    layer(document, "varnish", stage, depth)
    document.refreshProjection()
    yield lambda: document.activeNode() is not None
    document.setActiveNode(glaze)
    select(document, stage.notes_in("ellipse"), (stage.out / "ellipse").read_bytes())
    yield 0.5
    stage.keep(f"before-{depth}", stage.flat(document))
    steps = stage.undo_steps()
    stage.widget("steps").setValue({"U8": 0, "U16": FEW}[depth])
    stage.widget("feather").setValue({"U8": -1, "U16": 0}[depth])
    if depth == "U8":
        yield from stage.click("prompt")
        yield lambda: stage.widget("prompt").hasFocus()
        stage.type(PROMPT)
        yield lambda: stage.widget("prompt").toPlainText() == PROMPT
    seen = yield from fill(stage, begin={"U8": "button", "U16": "action"}[depth])
    stage.note(f"seen {depth}", seen)
    stage.note(f"told {depth}", stage.text("stage"))
    stage.screenshot(f"filled-{depth}")
    stage.note(f"steps {depth}", stage.undo_steps() - steps)
    keep(stage, document, "after", depth)
    node = document.nodeByName(PROMPT)
    whole = (0, 0, document.width(), document.height())
    stage.keep(f"layer-{depth}", node.pixelData(*whole).data())
    stage.keep(f"mask-{depth}", node.childNodes()[0].pixelData(*whole).data())
    stage.note(f"masks {depth}", [mask.type() for mask in node.childNodes()])
    for act, name in ((stage.undo, "undo"), (stage.redo, "redo")):
        act(document)
        yield 0.2
        keep(stage, document, name, depth)


def keep(stage, document, name, depth):
    stage.note(f"names {name} {depth}", stage.names(document.rootNode()))
    stage.keep(f"{name}-{depth}", stage.flat(document))


def stopped(stage):
    """A long job, given up while it paints."""
    document = stage.app.activeDocument()
    before = stage.names(document.rootNode())
    yield from stage.click("details")
    yield stage.widget("steps").isVisible
    stage.widget("steps").setValue(MANY)
    yield from fill(stage, lambda: "preview" in stage.shown, "stop")
    stage.note("stopped", stage.text("stage"))
    stage.note("stopped: unchanged", stage.names(document.rootNode()) == before)
    stage.screenshot("stopped")


def queued(stage):
    """Others were first: the docker says how many."""
    document = stage.app.activeDocument()
    told = []
    easel = Easel("tests", told.append)
    easel.start()
    wish = Wish(steps=MANY, count=8)
    jobs = [easel.order(KritaDocument(document, UI), "fill", wish) for _ in range(OTHERS)]
    yield lambda: all(entry.state in ("queued", "painting") for entry in easel.entries())
    ahead = yield from fill(stage, lambda: "ahead" in stage.text("stage"), "stop", "keys")
    stage.note("queued", ahead)
    for job in jobs:
        easel.stop(job)
    yield lambda: all(entry.state == "stopped" for entry in easel.entries())
    easel.close()
    stage.widget("steps").setValue(0)
    yield from stage.click("details")
    yield lambda: not stage.widget("steps").isVisible()


def own_world(stage):
    """A picture of the model's own world, with a seed that was chosen: the README's picture."""
    for document in stage.app.documents():
        stage.close(document)
    document = stage.app.openDocument(str(stage.out / "meadow.png"))
    stage.window.addView(document)
    yield lambda: document.activeNode() is not None
    select(document, stage.notes_in("meadow-ellipse"), (stage.out / "meadow-mask").read_bytes())
    stage.widget("seed").setValue(SEED)
    yield from stage.click("seed_lock")
    yield stage.widget("seed_lock").isChecked
    yield 1.0
    yield from fill(stage)
    yield 0.5
    stage.note("world", stage.text("stage"))
    stage.screenshot("world")


# --- pieces ------------------------------------------------------------------------------------


def fill(stage, until=None, click=None, begin="button"):
    """Begin, wait for the job's end, give the stages that the docker showed."""
    before = stage.newest
    yield from BEGINNINGS[begin](stage)
    yield lambda: stage.newest is not None and (not before or stage.newest.job != before.job)
    seen = stage.shown = []

    def done():
        told = stage.text("stage")
        if told and told not in seen:
            seen.append(told)
        if stage.newest.preview is not None and "preview" not in seen:
            seen.append("preview")
            stage.screenshot("painting")
        return stage.newest.state in ENDS

    if until is not None:
        yield lambda: done() or until()
        stage.screenshot(click)
        yield from stage.click(click)
    yield done
    return seen


def by_keys(stage):
    yield from stage.click("prompt")
    yield stage.widget("prompt").hasFocus
    stage.press("ctrl+Return")


def by_action(stage):
    stage.docker().setVisible(False)
    stage.app.action("bottega_paint").trigger()
    yield stage.docker().isVisible


BEGINNINGS = {"button": lambda stage: stage.click("begin"), "keys": by_keys, "action": by_action}


def opened(stage, depth):
    """The photograph: as the PNG that it is, or with 16 bits a channel."""
    if depth == "U8":
        document = stage.app.openDocument(str(stage.out / "photo.png"))
        document.setBatchmode(True)
        stage.window.addView(document)
        stage.note("profile", document.colorProfile())
        return document
    width, height = stage.notes_in("size")
    document = stage.new(width, height, depth)
    background = document.topLevelNodes()[0]
    background.setPixelData((stage.out / "photo-U16").read_bytes(), 0, 0, width, height)
    return document


def layer(document, name, stage, depth):
    node = document.createNode(name, "paintlayer")
    pixels = (stage.out / f"{name}-{depth}").read_bytes()
    node.setPixelData(QtCore.QByteArray(pixels), 0, 0, document.width(), document.height())
    document.rootNode().addChildNode(node, None)
    return node


def select(document, box, mask):
    selection = Selection()
    selection.setPixelData(QtCore.QByteArray(mask), *box)
    document.setSelection(selection)
