"""Small pictures of results, for lists and for looking closer: pure Python, without numpy."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter

from bottega_protocol.images import Image

from .editor import EditorError, LayerPixels

ORDERS = {"RGBA": (0, 1, 2), "BGRA": (2, 1, 0)}
"""Where red, green and blue stand in a pixel, by the order of its channels."""

SAMPLE_BYTES = {"u8": 1, "u16": 2}
WHITE = 255


@dataclass(frozen=True)
class Thumbnail:
    """A small picture: raw RGB, 8 bit, sRGB, rows from the top without padding."""

    width: int
    height: int
    rgb: bytes


def thumbnail(layer: LayerPixels, side: int) -> Thumbnail:
    """A layer's pixels as a picture of at most `side` pixels, by picking samples, on white.

    The layer's mask is left aside: its pixels show the surroundings too. Raises EditorError for
    a layout that no result has.
    """
    image = layer.layer.pixels
    if image.channels not in ORDERS or image.depth not in SAMPLE_BYTES:
        raise EditorError(f"No picture of {image.channels} {image.depth} can be shown.")
    width, height = _fit(image, side)
    sample = SAMPLE_BYTES[image.depth]
    pixel, row = 4 * sample, 4 * sample * image.width
    columns = [(2 * x + 1) * image.width // (2 * width) * pixel for x in range(width)]
    # Little-endian: of a 16-bit sample the last byte is the one that is seen.
    pick = itemgetter(
        *(x + c * sample + sample - 1 for x in columns for c in (*ORDERS[image.channels], 3))
    )
    rows = []
    view = memoryview(layer.pixels)
    for y in range(height):
        start = (2 * y + 1) * image.height // (2 * height) * row
        rows.append(bytes(pick(view[start : start + row])))
    return Thumbnail(width, height, _on_white(b"".join(rows)))


def _fit(image: Image, side: int) -> tuple[int, int]:
    """The size that fits a square, never larger than the picture, at least one pixel."""
    scale = min(1.0, side / max(image.width, image.height))
    return max(1, round(image.width * scale)), max(1, round(image.height * scale))


def _on_white(rgba: bytes) -> bytes:
    """RGB of straight RGBA; what is transparent is white."""
    planes = [rgba[channel::4] for channel in range(4)]
    alpha = planes.pop()
    if alpha.count(WHITE) != len(alpha):
        planes = [bytes(map(_over, plane, alpha)) for plane in planes]
    rgb = bytearray(3 * len(alpha))
    for channel, plane in enumerate(planes):
        rgb[channel::3] = plane
    return bytes(rgb)


def _over(value: int, alpha: int) -> int:
    return (value * alpha + WHITE * (WHITE - alpha) + WHITE // 2) // WHITE
