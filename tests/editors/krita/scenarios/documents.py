"""Documents read and results placed, without a server: what pytest checks is written down.

Documents stay open: Krita itself crashes now and then when one is closed within half a second of
a new selection.
"""

import threading
from dataclasses import replace
from functools import partial

from bottega_driver.pieces import activate, add, content, plain, red, refusal, select
from bottega_driver.qt import QtCore
from bottega_krita._vendor.bottega_protocol.errors import BottegaError
from bottega_krita._vendor.bottega_protocol.images import Layout
from bottega_krita._vendor.bottega_protocol.regions import Rectangle
from krita import Selection

from bottega_krita.blanks import blank
from bottega_krita.document import KritaDocument
from bottega_krita.qt import MAJOR as PLUGIN_QT
from bottega_krita.ui_thread import UiThread

WIDTH, HEIGHT = 160, 120
BOX = Rectangle(24, 16, 104, 88)
LAYOUTS = {"U8": Layout("BGRA", "u8"), "U16": Layout("BGRA", "u16")}
UI = UiThread()
SRGB = "sRGB-elle-V2-srgbtrc.icc"


def play(stage):
    yield 0.5
    stage.note("versions", [stage.app.version(), QtCore.qVersion(), PLUGIN_QT])
    for depth in LAYOUTS:
        yield from painted(stage, depth)
    yield from spots(stage)
    yield from several_layers(stage)
    yield from feathered_by_krita(stage)
    yield from selection_over_the_edge(stage)
    yield from kept_notes(stage)
    yield from changed_meanwhile(stage)
    yield from from_another_thread(stage)
    yield from out_of_sight(stage)


def painted(stage, depth):
    """Read and place in a document of three layers, the middle one active; save it, reopen it."""
    document = yield from layered(stage, depth)
    select(document, Rectangle(*BOX_OF_MASK), (stage.out / "mask").read_bytes())
    editor = KritaDocument(document, UI)
    mask = read(stage, editor, depth)
    stage.keep(f"before-{depth}", stage.flat(document))
    pixels = (stage.out / f"layer-{depth}").read_bytes()
    layers = [content("a red boat", BOX, LAYOUTS[depth], pixels, mask)]
    yield from place(stage, document, lambda: editor.place(b"j" * 16, layers), depth)
    yield from undo_and_redo(stage, document, depth)
    yield from reopen(stage, document, layers, depth)


def read(stage, editor, depth):
    canvas = editor.canvas()
    stage.note(f"canvas {depth}", [canvas.size.width, canvas.size.height, plain(canvas.selection)])
    stage.note(f"layout {depth}", canvas.layout == LAYOUTS[depth])
    for source in ("active", "visible"):
        snapshot = editor.read(BOX, canvas.layout, source)
        stage.keep(f"{source}-{depth}", snapshot.pixels)
    stage.keep(f"mask-{depth}", snapshot.mask)
    return snapshot.mask


def place(stage, document, do, depth):
    steps = stage.undo_steps()
    do()
    yield 0.3
    stage.note(f"steps {depth}", stage.undo_steps() - steps)
    stage.note(f"names {depth}", stage.names(document.rootNode()))
    stage.keep(f"after-{depth}", stage.flat(document))
    node = document.nodeByName("a red boat")
    stage.keep(f"node-{depth}", node.pixelData(*plain(BOX)).data())
    stage.keep(f"node-mask-{depth}", node.childNodes()[0].pixelData(0, 0, WIDTH, HEIGHT).data())
    do()
    stage.note(f"steps when placed again {depth}", stage.undo_steps() - steps)


def undo_and_redo(stage, document, depth):
    for act, name in ((stage.undo, "undo"), (stage.redo, "redo")):
        act(document)
        yield 0.2
        stage.note(f"names after {name} {depth}", stage.names(document.rootNode()))
        stage.keep(f"{name}-{depth}", stage.flat(document))


def reopen(stage, document, layers, depth):
    name = KritaDocument(document, UI).canvas().document
    file = str(stage.out / f"{depth}.kra")
    stage.note(f"saved {depth}", document.saveAs(file))
    copy = stage.app.openDocument(file)
    copied = KritaDocument(copy, UI).canvas().document
    stage.note(f"a copy has its own name {depth}", copied != name)
    copy.close()
    stage.close(document)
    reopened = stage.app.openDocument(file)
    reopened.setBatchmode(True)
    stage.window.addView(reopened)
    yield 0.3
    stage.keep(f"reopened-{depth}", stage.flat(reopened))
    again = KritaDocument(reopened, UI)
    stage.note(f"same name {depth}", again.canvas().document == name)
    before = stage.names(reopened.rootNode())
    again.place(b"j" * 16, layers)
    stage.note(f"placed once {depth}", stage.names(reopened.rootNode()) == before)


BOX_OF_MASK = (40, 30, 80, 60)


def layered(stage, depth):
    """A document of three layers, the middle one active."""
    document = stage.new(WIDTH, HEIGHT, depth)
    background = document.topLevelNodes()[0]
    background.setPixelData((stage.out / f"photo-{depth}").read_bytes(), 0, 0, WIDTH, HEIGHT)
    middle = add(document, "middle")
    middle.setPixelData((stage.out / f"middle-{depth}").read_bytes(), 0, 0, WIDTH, HEIGHT)
    top = add(document, "top")
    top.setPixelData((stage.out / f"top-{depth}").read_bytes(), 30, 20, 50, 40)
    document.refreshProjection()
    yield from activate(document, "middle")
    return document


def spots(stage):
    """Where results land, by what is active, what lies above and where the pixels came from."""
    cases = {
        "visible, something above": (None, "middle", "visible"),
        "visible, hidden layers above": (hide_top, "middle", "visible"),
        "active, something above": (None, "middle", "active"),
        "visible, nothing above": (None, "top", "visible"),
        "visible, in a plain group on top": (grouped, "inside", "visible"),
        "visible, in a faint group on top": (faint, "inside", "visible"),
        "active, in a faint group on top": (faint, "inside", "active"),
        "visible, the mask of a layer": (masked, "a mask", "visible"),
    }
    for case, (prepare, active, source) in cases.items():
        document = yield from layered(stage, "U8")
        select(document, BOX, b"\xff" * BOX.size.area)
        if prepare is not None:
            prepare(document)
        document.refreshProjection()
        yield from activate(document, active)
        editor = KritaDocument(document, UI)
        editor.read(BOX, LAYOUTS["U8"], source)
        before = stage.flat(document)
        # The artist turns to another layer while waiting: the result belongs where it was asked.
        yield from activate(document, "Background")
        editor.place(b"k" * 16, [red(BOX, b"\0" * BOX.size.area)])
        yield 0.1
        stage.note(f"spot: {case}", stage.names(document.rootNode()))
        stage.note(f"spot unchanged: {case}", stage.flat(document) == before)


def hide_top(document):
    document.nodeByName("top").setVisible(False)


def faint(document):
    grouped(document).setOpacity(128)


def grouped(document):
    group = document.createGroupLayer("group")
    document.rootNode().addChildNode(group, document.nodeByName("top"))
    inside = document.createNode("inside", "paintlayer")
    group.addChildNode(inside, None)
    return group


def masked(document):
    mask = document.createTransparencyMask("a mask")
    mask.setPixelData(b"\xff" * WIDTH * HEIGHT, 0, 0, WIDTH, HEIGHT)
    document.nodeByName("top").addChildNode(mask, None)


def several_layers(stage):
    """Two layers of one result: a group, and still one undo step."""
    document = yield from layered(stage, "U8")
    editor = KritaDocument(document, UI)
    steps = stage.undo_steps()
    half = Rectangle(BOX.x, BOX.y, 10, 10)
    editor.place(b"l" * 16, [red(BOX, b"\xff" * BOX.size.area, "lower"), red(half, None, "upper")])
    yield 0.2
    stage.note("several: steps", stage.undo_steps() - steps)
    stage.note("several: names", stage.names(document.rootNode()))
    stage.keep("several", stage.flat(document))


def feathered_by_krita(stage):
    document = stage.new(WIDTH, HEIGHT)
    yield 0.2
    selection = Selection()
    selection.select(50, 40, 60, 40, 255)
    selection.feather(8)
    document.setSelection(selection)
    editor = KritaDocument(document, UI)
    canvas = editor.canvas()
    stage.note("feathered box", plain(canvas.selection))
    whole = Rectangle(0, 0, WIDTH, HEIGHT)
    stage.keep("feathered", editor.read(whole, canvas.layout, "visible").mask)


def selection_over_the_edge(stage):
    """Part of the selection lies beyond the canvas, and then all of it."""
    document = stage.new(WIDTH, HEIGHT)
    yield 0.2
    editor = KritaDocument(document, UI)
    select(document, Rectangle(-20, 100, 60, 60), b"\xff" * 3600)
    stage.note("over the edge", plain(editor.canvas().selection))
    select(document, Rectangle(-60, 0, 50, 50), b"\xff" * 2500)
    outside = editor.canvas().selection
    stage.note("outside", outside and plain(outside))
    document.setSelection(Selection())
    stage.note("an empty one", editor.canvas().selection)
    document.setSelection(None)
    stage.note("none", editor.canvas().selection)
    whole = Rectangle(0, 0, WIDTH, HEIGHT)
    stage.note("none: mask", editor.read(whole, LAYOUTS["U8"], "visible").mask)


def kept_notes(stage):
    """The panel's text goes with the file."""
    document = stage.new(WIDTH, HEIGHT)
    yield 0.2
    editor = KritaDocument(document, UI)
    told = [editor.notes()]
    for text in ("first", "Größe ✓ 🖌"):
        editor.keep_notes(text)
        told.append(editor.notes())
    file = str(stage.out / "notes.kra")
    document.saveAs(file)
    reopened = stage.app.openDocument(file)
    stage.note("kept notes", [*told, KritaDocument(reopened, UI).notes()])
    reopened.close()


def changed_meanwhile(stage):
    """The artist goes on working while a result is on its way."""
    changes = {
        "resized": lambda d: d.resizeImage(0, 0, WIDTH + 1, HEIGHT),
        "converted": lambda d: d.setColorSpace("RGBA", "U16", SRGB),
        "converted to CMYK": lambda d: d.setColorSpace("CMYKA", "U8", ""),
        "closed": stage.close,
        "the active layer deleted": lambda d: d.nodeByName("middle").remove(),
        "flattened": lambda d: d.flatten(),
        "saved": lambda d: d.saveAs(str(stage.out / "meanwhile.kra")),
    }
    for change, make in changes.items():
        document = yield from layered(stage, "U8")
        select(document, BOX, b"\xff" * BOX.size.area)
        editor = KritaDocument(document, UI)
        editor.read(BOX, LAYOUTS["U8"], "visible")
        yield 0.6
        make(document)
        yield 0.2
        told = refusal(partial(editor.place, b"m" * 16, [red(BOX, b"\xff" * BOX.size.area)]))
        stage.note(f"{change} meanwhile", told)
        if change != "closed":
            stage.note(f"{change} meanwhile: names", stage.names(document.rootNode()))
    document = yield from layered(stage, "U8")
    editor = KritaDocument(document, UI)
    few = replace(red(BOX, None), pixels=b"\0" * 8)
    stage.note("too few bytes", refusal(lambda: editor.place(b"n" * 16, [few])))
    far = red(Rectangle(WIDTH, 0, 10, 10), None)
    stage.note("placed outside", refusal(lambda: editor.place(b"n" * 16, [far])))


def from_another_thread(stage):
    """`on_ui` brings values and exceptions back, and works on the UI thread."""
    heard = {}

    def elsewhere():
        heard["here"] = threading.get_ident()
        heard["there"] = UI.run(threading.get_ident)
        heard["error"] = refusal(lambda: UI.run(fails))
        heard["done"] = True

    def fails():
        raise BottegaError("no", "yes")

    threading.Thread(target=elsewhere, daemon=True).start()
    yield lambda: "done" in heard
    stage.note("on_ui", heard["there"] == threading.get_ident() != heard["here"])
    stage.note("on_ui error", heard["error"])


def out_of_sight(stage):
    """What the first layer in a colour space leaves behind, made in turns as in a real job."""
    made = []
    space = ("RGBA", "F32", "sRGB-elle-V2-g10.icc")
    threading.Thread(
        target=lambda: made.append(UI.in_turns(blank(space, masked=True))), daemon=True
    ).start()
    yield lambda: made
    yield 1.0
    left = [one for one in stage.app.documents() if one.name() == "Bottega"]
    stage.note("out of sight", [one.modified() for one in left if one.colorDepth() == "F32"])
