"""Pixels from a document's colours into those that travel, and back: by Krita itself.

Krita converts whole layers only, so pixels are laid into a layer of a document that nobody sees.
That takes time (docs/krita.md has figures), on the UI thread: Krita allows it nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bottega_client.editor import EditorError
from bottega_protocol.images import Layout
from bottega_protocol.regions import Rectangle

from .colour import SAMPLES, TRAVELS, Space, in_words, is_sent_as_it_is
from .finite import made_finite
from .qt import QtCore
from .scratch import scratch

STRIP = 2**22
"""Pixels that are converted at once: beyond them memory grows, time does not shrink."""

LINEAR: Space = ("RGBA", "F32", "sRGB-elle-V2-g10.icc")
"""What Krita converts from and to without tables. Between two integer spaces LittleCMS fills a
table of 33 steps a side when a curve is no straight line: five levels of 255 off near black."""

Grab = Callable[[int, int, int, int], "QtCore.QByteArray"]
"""Reads x, y, width, height of a document or layer."""


def read_pixels(grab: Grab, box: Rectangle, space: Space, layout: Layout) -> tuple[bytes, int]:
    """A rectangle as it is sent, and how many of its pixels hold no number."""
    parts, odd = [], 0
    for strip in strips(box):
        taken = bytes(grab(strip.x, strip.y, strip.width, strip.height).data())
        pixels, bad = made_finite(taken, space[1], SAMPLES.get(space[0], 4))
        parts.append(_as_sent(pixels, strip, space, layout))
        odd += bad
    return parts[0] if len(parts) == 1 else b"".join(parts), odd


def converted(
    pixels: bytes, box: Rectangle, layout: Layout, space: Space
) -> Iterator[tuple[Rectangle, bytes]]:
    """What was sent, in the colours of a document: strip by strip."""
    row = box.width * layout.pixel_bytes
    for strip in strips(box):
        start = (strip.y - box.y) * row
        part = pixels[start : start + strip.height * row]
        if not is_sent_as_it_is(space, layout):
            part = convert(part, strip, TRAVELS[layout], space)
        yield strip, part


def convert(pixels: bytes, box: Rectangle, source: Space, target: Space) -> bytes:
    """Pixels of a rectangle in another colour space; raises EditorError where Krita can't."""
    place = (box.x, box.y, box.width, box.height)
    with scratch(source) as document:
        node = document.createNode("Bottega", "paintlayer")
        node.setPixelData(QtCore.QByteArray(pixels), *place)
        for step in _way(source, target):
            if not node.setColorSpace(*step):
                raise EditorError(
                    f"Krita can't convert this picture's colours ({in_words(source)} to "
                    f"{in_words(step)}).",
                    "Image ▸ Convert Image Color Space…: choose RGB/Alpha.",
                )
        return bytes(node.pixelData(*place).data())


def strips(box: Rectangle) -> Iterator[Rectangle]:
    """The rectangle in strips of whole rows."""
    rows = max(1, STRIP // box.width)
    for top in range(box.y, box.bottom, rows):
        yield Rectangle(box.x, top, box.width, min(rows, box.bottom - top))


def _as_sent(pixels: bytes, box: Rectangle, space: Space, layout: Layout) -> bytes:
    if is_sent_as_it_is(space, layout):
        return pixels
    return convert(pixels, box, space, TRAVELS[layout])


def _way(source: Space, target: Space) -> tuple[Space, ...]:
    """The spaces to go through, the target last."""
    tables = source[1].startswith("U") and target[1].startswith("U")
    # CMYK profiles are tables anyway.
    return (LINEAR, target) if tables and "CMYKA" not in (source[0], target[0]) else (target,)
