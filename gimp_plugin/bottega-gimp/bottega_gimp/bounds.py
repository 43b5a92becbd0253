"""Where the bytes of a mask are not zero; pure, because GIMP's own answer is about finer values."""

from __future__ import annotations

from bottega_protocol.regions import Rectangle


def tight_bounds(mask: bytes, around: Rectangle) -> Rectangle | None:
    """The smallest rectangle that holds every non-zero byte, in the coordinates of `around`.

    `mask` covers `around` row by row, one byte a pixel.
    """
    width = around.width
    first = len(mask) - len(mask.lstrip(b"\0"))
    if first == len(mask):
        return None
    top, bottom = first // width, (len(mask.rstrip(b"\0")) - 1) // width + 1
    rows = [mask[row * width : (row + 1) * width] for row in range(top, bottom)]
    left = min(width - len(row.lstrip(b"\0")) for row in rows)
    right = max(len(row.rstrip(b"\0")) for row in rows)
    return Rectangle(around.x + left, around.y + top, right - left, bottom - top)
