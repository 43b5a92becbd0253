"""Pixels that are no numbers, a layer with colours of its own, a camera's profile."""

import struct
import zlib
from pathlib import Path

from bottega_driver.pieces import activate, add, content, select, write
from bottega_krita._vendor.bottega_protocol.regions import Rectangle

from bottega_krita.colour import WORDS
from bottega_krita.document import KritaDocument
from bottega_krita.ui_thread import UiThread

WIDTH, HEIGHT = 96, 64
CANVAS = Rectangle(0, 0, WIDTH, HEIGHT)
BOX = Rectangle(8, 6, 80, 50)
SELECTED = Rectangle(16, 12, 60, 40)
UI = UiThread()


def play(stage):
    yield 0.5
    yield from no_numbers(stage)
    yield from another_profile_inside(stage)
    yield from profile_of_its_own(stage)


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
        layer = document.nodeByName("odd").pixelData(BOX.x, BOX.y, BOX.width, BOX.height)
        stage.keep(f"odd-layer-{depth}", layer)


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


def profile_of_its_own(stage):
    """A photograph whose profile came with it, and with nothing else."""
    own = next(Path("/usr/share").rglob("ClayRGB-elle-V2-g22.icc")).read_bytes()
    for encoding in ("ascii", "utf-16-be"):
        own = own.replace("ClayRGB".encode(encoding), "Camera1".encode(encoding))
    photo = stage.out / "photo.png"
    photo.write_bytes(png((200, 100, 50), own))
    document = stage.app.openDocument(str(photo))
    document.setBatchmode(True)
    stage.window.addView(document)
    yield 0.3
    editor = KritaDocument(document, UI)
    layout = editor.canvas().layout
    seen = editor.read(BOX, layout, "visible")
    editor.place(b"c" * 16, [content("camera", BOX, layout, seen.pixels, None)])
    node = document.nodeByName("camera")
    stage.note("camera", [node.colorProfile(), list(node.pixelData(20, 20, 1, 1).data())])


def png(colour, profile):
    """A PNG of one colour, with a profile."""
    rows = (b"\0" + bytes(colour) * WIDTH) * HEIGHT
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)),
        (b"iCCP", b"camera\0\0" + zlib.compress(profile)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
