"""Pixels from a document's colours into those that travel, and back: by Krita itself.

Krita converts whole layers only, so pixels are laid into a layer of a document that nobody sees.
That takes time, on the UI thread, and Krita handles events meanwhile: whatever was true before
may not be true afterwards.
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
table of 33 steps a side unless a profile is linear: five levels of 255 off near black."""

WITHOUT_TABLES = "-g10.icc"
"""How the names of linear profiles end that come with Krita."""

Grab = Callable[[int, int, int, int], "QtCore.QByteArray"]
"""Reads x, y, width, height of a document or layer."""

Strip = tuple[Rectangle, bytes]
"""Some whole rows of a picture."""


def grabbed(grab: Grab, box: Rectangle) -> list[Strip]:
    """A rectangle as it lies in memory, quickly: nothing else happens in Krita meanwhile."""
    return [
        (part, bytes(grab(part.x, part.y, part.width, part.height).data())) for part in strips(box)
    ]


def as_sent(taken: list[Strip], space: Space, layout: Layout) -> tuple[bytes, int]:
    """Those pixels as they are sent, and how many of them hold no number."""
    parts, odd = [], 0
    for box, raw in taken:
        pixels, bad = made_finite(raw, space[1], SAMPLES.get(space[0], 4))
        if not is_sent_as_it_is(space, layout):
            pixels = convert(pixels, box, space, TRAVELS[layout])
        parts.append(pixels)
        odd += bad
    return parts[0] if len(parts) == 1 else b"".join(parts), odd


def converted(pixels: bytes, box: Rectangle, layout: Layout, space: Space) -> Iterator[Strip]:
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


def _way(source: Space, target: Space) -> tuple[Space, ...]:
    """The spaces to go through, the target last."""
    ends = (source, target)
    whole = all(depth.startswith("U") for _, depth, _ in ends)
    linear = any(profile.endswith(WITHOUT_TABLES) for _, _, profile in ends)
    # Ink profiles are tables anyway.
    inks = any(model == "CMYKA" for model, _, _ in ends)
    return (LINEAR, target) if whole and not linear and not inks else (target,)
