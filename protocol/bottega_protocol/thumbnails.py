"""Small pictures of large ones, by picking samples: pure Python, without numpy."""

from __future__ import annotations

from operator import itemgetter

from .errors import BottegaError
from .images import Image

ORDERS = {"RGBA": (0, 1, 2), "BGRA": (2, 1, 0)}
"""Where red, green and blue stand in a pixel, by the order of its channels."""

SAMPLE_BYTES = {"u8": 1, "u16": 2}
WHITE = 255


class NoPicture(BottegaError):
    """Pixels of a layout that no result has."""

    code = "no-picture"


def sampled(image: Image, content: memoryview, side: int) -> tuple[int, int, bytes]:
    """Width, height and raw 8-bit RGB of an image as a picture of at most `side` pixels, on white.

    `content` has its bytes; of a mapped file only the rows that are picked are read. Raises
    NoPicture.
    """
    if image.channels not in ORDERS or image.depth not in SAMPLE_BYTES:
        raise NoPicture(f"No picture of {image.channels} {image.depth} can be shown.")
    width, height = _fit(image, side)
    sample = SAMPLE_BYTES[image.depth]
    pixel, row = 4 * sample, 4 * sample * image.width
    columns = [(2 * x + 1) * image.width // (2 * width) * pixel for x in range(width)]
    # Little-endian: of a 16-bit sample the last byte is the one that is seen.
    pick = itemgetter(
        *(x + c * sample + sample - 1 for x in columns for c in (*ORDERS[image.channels], 3))
    )
    rows = []
    for y in range(height):
        start = (2 * y + 1) * image.height // (2 * height) * row
        rows.append(bytes(pick(content[start : start + row])))
    return width, height, _on_white(b"".join(rows))


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
