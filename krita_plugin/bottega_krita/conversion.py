"""Pixels from a document's colours into those that travel, and back: by Krita itself.

Krita converts whole layers only, so pixels are laid into layers of a document that nobody sees.
That takes time, so it is done in turns: whatever was true before may not be true afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import TYPE_CHECKING

from bottega_client.editor import EditorError
from bottega_protocol.images import Layout
from bottega_protocol.regions import Rectangle

from .colour import SAMPLES, TRAVELS, Space, in_words, is_sent_as_it_is
from .finite import made_finite
from .qt import QtCore
from .scratch import scratch
from .turns import TURN, Course

if TYPE_CHECKING:
    from krita import Document

LINEAR: Space = ("RGBA", "F32", "sRGB-elle-V2-g10.icc")
"""What Krita converts from and to without tables. Between two integer spaces LittleCMS fills a
table of 33 steps a side unless a profile is linear: five levels of 255 off near black."""

WITHOUT_TABLES = "-g10.icc"
"""How the names of linear profiles end that come with Krita."""

Grab = Callable[[int, int, int, int], QtCore.QByteArray]
"""Reads x, y, width, height of a document or layer."""

Grabbed = tuple[Rectangle, QtCore.QByteArray]
"""Some whole rows of a picture, as Krita hands them over."""

GRABBED = 2**18
"""Pixels that are handed over at once."""

Strip = tuple[Rectangle, bytes]
"""Some whole rows of a picture."""

Take = Callable[[QtCore.QByteArray, int, int, int, int], object]
"""Takes pixels at x, y, width, height; on the UI thread."""


def grabbed(grab: Grab, box: Rectangle) -> list[Grabbed]:
    """A rectangle as it lies in Krita's memory: in this turn, so that it is of one moment."""
    return [(part, grab(part.x, part.y, part.width, part.height)) for part in strips(box, GRABBED)]


def as_sent(taken: list[Grabbed], space: Space, layout: Layout) -> Course[tuple[bytes, int]]:
    """What was grabbed as it is sent, and how many pixels of it hold no number; empties `taken`."""
    if is_sent_as_it_is(space, layout):
        return (yield lambda: _joined(part for _, part in taken)), 0
    held, odd = yield lambda: _held(taken, space)
    if not all(pixels for _, pixels in held):
        return b"", 0
    parts: list[QtCore.QByteArray] = []
    pieces = (piece for box, pixels in held for piece in cut(pixels, box))
    yield from converted(pieces, space, TRAVELS[layout], lambda part, *_: parts.append(part))
    return (yield lambda: _joined(parts)), odd


def _held(taken: list[Grabbed], space: Space) -> tuple[list[Strip], int]:
    """The bytes, numbers only."""
    held, odd = [], 0
    while taken:
        box, raw = taken.pop(0)
        pixels, bad = made_finite(bytes(raw.data()), space[1], SAMPLES.get(space[0], 4))
        held.append((box, pixels))
        odd += bad
    return held, odd


def _joined(parts: Iterable[QtCore.QByteArray]) -> bytes:
    # A join of all would keep every other thread waiting, the UI thread among them.
    whole = BytesIO()
    for part in parts:
        whole.write(memoryview(part))
    return whole.getvalue()


def as_laid(
    pixels: bytes, box: Rectangle, layout: Layout, space: Space, take: Take
) -> Course[None]:
    """Hand on what was sent, in the colours of a document."""
    parts = cut(pixels, box)
    if is_sent_as_it_is(space, layout):
        for part, content in parts:
            take(QtCore.QByteArray(content), part.x, part.y, part.width, part.height)
            yield None
    else:
        yield from converted(parts, TRAVELS[layout], space, take)


def converted(parts: Iterable[Strip], source: Space, target: Space, take: Take) -> Course[None]:
    """Hand on strips in another colour space; raises EditorError where Krita can't convert."""
    with scratch(source) as document:
        way = _way(source, target)
        yield None
        for box, pixels in parts:
            place = (box.x, box.y, box.width, box.height)
            take(_converted(document, pixels, place, way), *place)
            yield None
    # Closing took Krita a while.
    yield None


def _converted(
    document: Document, pixels: bytes, place: tuple[int, int, int, int], way: Iterable[Space]
) -> QtCore.QByteArray:
    node = document.createNode("Bottega", "paintlayer")
    node.setPixelData(QtCore.QByteArray(pixels), *place)
    for step in way:
        if not node.setColorSpace(*step):
            raise EditorError(
                f"Krita can't convert this picture's colours to {in_words(step)}.",
                "Image ▸ Convert Image Color Space…: choose RGB/Alpha.",
            )
    return node.pixelData(*place)


def cut(pixels: bytes, box: Rectangle) -> Iterator[Strip]:
    """A rectangle's pixels in pieces, one for each turn."""
    row = len(pixels) // box.height
    for part in strips(box, TURN):
        start = (part.y - box.y) * row
        yield part, pixels[start : start + part.height * row]


def strips(box: Rectangle, most: int) -> Iterator[Rectangle]:
    """The rectangle in strips of whole rows, of so many pixels at most as long as a row has."""
    rows = max(1, most // box.width)
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
