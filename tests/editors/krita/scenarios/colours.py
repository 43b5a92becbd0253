"""Documents of every colour model and depth: read, painted over, and given back what was read."""

import struct

from bottega_driver.pieces import activate, add, content, select, write
from bottega_krita._vendor.bottega_protocol.regions import Rectangle

from bottega_krita.colour import TRAVELS, WORDS
from bottega_krita.conversion import convert
from bottega_krita.document import KritaDocument
from bottega_krita.ui_thread import UiThread

WIDTH, HEIGHT = 96, 64
CANVAS = Rectangle(0, 0, WIDTH, HEIGHT)
BOX = Rectangle(8, 6, 80, 50)
SELECTED = Rectangle(16, 12, 60, 40)
UI = UiThread()


def play(stage):
    yield 0.5
    for number, space in enumerate(stage.notes_in("spaces")):
        yield from travelled(stage, number, tuple(space))
    yield from no_numbers(stage)
    yield from another_profile_inside(stage)


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


def no_numbers(stage):
    """HDR pixels far over white, infinite, and no numbers at all."""
    for depth, code in (("F16", "e"), ("F32", "f")):
        document = stage.new(WIDTH, HEIGHT, depth, "RGBA", "sRGB-elle-V2-g10.icc")
        yield 0.1
        odd = [float("nan"), float("inf"), float("-inf"), 4.0, -2.0, 0.25]
        pixels = [
            (odd[x % 6], 0.5, odd[(x + y) % 6], 1) for y in range(HEIGHT) for x in range(WIDTH)
        ]
        own = struct.pack(f"<{4 * len(pixels)}{code}", *(sample for p in pixels for sample in p))
        write(document.topLevelNodes()[0], CANVAS, own)
        document.refreshProjection()
        select(document, SELECTED, (stage.out / "mask").read_bytes())
        editor = KritaDocument(document, UI)
        stage.keep(f"odd-before-{depth}", stage.flat(document))
        seen = editor.read(BOX, WORDS, "visible")
        stage.keep(f"odd-seen-{depth}", seen.pixels)
        stage.note(f"odd {depth}", seen.remarks)
        editor.place(b"o" * 16, [content("odd", BOX, WORDS, seen.pixels, seen.mask)])
        stage.keep(f"odd-after-{depth}", stage.flat(document))
        stage.keep(f"odd-layer-{depth}", pixels_of(document, "odd"))


def another_profile_inside(stage):
    """The active layer has other colours than its document; the same red is read from both."""
    document = stage.new(WIDTH, HEIGHT)
    node = add(document, "grey inside")
    node.setColorSpace("GRAYA", "U16", "Gray-D50-elle-V2-g10.icc")
    grey = struct.pack("<2H", 14146, 65535) * WIDTH * HEIGHT
    write(node, CANVAS, grey)
    document.refreshProjection()
    yield from activate(document, "grey inside")
    editor = KritaDocument(document, UI)
    layout = editor.canvas().layout
    for source in ("active", "visible"):
        stage.note(f"inside {source}", list(editor.read(BOX, layout, source).pixels[:4]))


def pixels_of(document, name):
    return document.nodeByName(name).pixelData(BOX.x, BOX.y, BOX.width, BOX.height).data()


def spelt(node):
    return [node.colorModel(), node.colorDepth(), node.colorProfile()]
