"""Documents of every colour model and depth: read, painted over, and given back what was read."""

from bottega_driver.pieces import activate, add, content, convert, select, write
from bottega_krita._vendor.bottega_protocol.regions import Rectangle

from bottega_krita.colour import TRAVELS, WORDS
from bottega_krita.document import KritaDocument
from bottega_krita.ui_thread import UiThread

WIDTH, HEIGHT = 96, 64
CANVAS = Rectangle(0, 0, WIDTH, HEIGHT)
BOX = Rectangle(8, 6, 80, 50)
SELECTED = Rectangle(16, 12, 60, 40)
UI = UiThread()


def play(stage):
    yield 0.5
    first, step, spaces = stage.notes_in("spaces")
    for number in range(first, len(spaces), step):
        yield from travelled(stage, number, tuple(spaces[number]))


def travelled(stage, number, space):
    """A picture under a half-transparent layer: read both, place a result and what was read."""
    model, depth, profile = space
    document = stage.new(WIDTH, HEIGHT, depth, model, profile)
    stage.note(f"space {number}", [document.colorModel(), depth, document.colorProfile()])
    for name, file in ((None, "picture"), ("veil", "veil")):
        node = document.topLevelNodes()[0] if name is None else add(document, name)
        own = convert((stage.out / file).read_bytes(), CANVAS, TRAVELS[WORDS], space)
        write(node, CANVAS, own)
    document.refreshProjection()
    yield from activate(document, "veil")
    select(document, SELECTED, (stage.out / "mask").read_bytes())
    stage.keep(f"before-{number}", stage.flat(document))
    editor = KritaDocument(document, UI)
    layout = editor.canvas().layout
    stage.note(f"layout {number}", [layout.channels, layout.depth, layout.space])
    active = editor.read(BOX, layout, "active")
    seen = editor.read(BOX, layout, "visible")
    stage.keep(f"visible-{number}", seen.pixels)
    painted = (stage.out / f"painted-{layout.depth}").read_bytes()
    steps = stage.undo_steps()
    editor.place(b"a" * 16, [content("result", BOX, layout, painted, seen.mask)])
    yield 0.05
    stage.note(f"steps {number}", stage.undo_steps() - steps)
    stage.keep(f"result-{number}", pixels_of(document, "result"))
    stage.keep(f"after-{number}", stage.flat(document))
    for name, snapshot in (("seen", seen), ("active", active)):
        editor.place(name.encode().ljust(16), [content(name, BOX, layout, snapshot.pixels, None)])
        stage.keep(f"{name}-{number}", pixels_of(document, name))
        if name == "seen":
            stage.keep(f"again-{number}", editor.read(BOX, layout, "visible").pixels)
    stage.keep(f"veil-{number}", pixels_of(document, "veil"))
    stage.note(f"spaces {number}", [spelt(document.nodeByName(name)) for name in NAMES])


NAMES = ("result", "seen", "active")


def pixels_of(document, name):
    return document.nodeByName(name).pixelData(BOX.x, BOX.y, BOX.width, BOX.height).data()


def spelt(node):
    return [node.colorModel(), node.colorDepth(), node.colorProfile()]
