"""Where the bytes of a mask are not zero, looked for from its border inwards; pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bottega_protocol.regions import Rectangle

Read = Callable[[Rectangle], bytes]
"""The mask over a rectangle, row by row, one byte a pixel."""

STRIP = 16
"""Pixels read at a time, from each side inwards: as a rule the first strips tell."""


def tight_bounds(around: Rectangle, read: Read) -> Rectangle | None:
    """The smallest rectangle inside `around` that holds every non-zero byte."""
    rows = [
        Rectangle(around.x, start, around.width, end - start)
        for start, end in _strips(around.y, around.bottom)
    ]
    upper, lower = _first(rows, read), _first(reversed(rows), read)
    if upper is None or lower is None:
        return None
    top = upper[0].y + _leading(upper[1]) // around.width
    bottom = lower[0].bottom - _leading(lower[1][::-1]) // around.width
    columns = [
        Rectangle(start, top, end - start, bottom - top)
        for start, end in _strips(around.x, around.right)
    ]
    leftmost, rightmost = _first(columns, read), _first(reversed(columns), read)
    if leftmost is None or rightmost is None:
        return None
    left = leftmost[0].x + _fewest(leftmost[1], leftmost[0].width)
    right = rightmost[0].right - _fewest(rightmost[1][::-1], rightmost[0].width)
    return Rectangle(left, top, right - left, bottom - top)


def _strips(start: int, end: int) -> list[tuple[int, int]]:
    return [(at, min(at + STRIP, end)) for at in range(start, end, STRIP)]


def _first(strips: Iterable[Rectangle], read: Read) -> tuple[Rectangle, bytes] | None:
    """The first strip that holds anything, with its bytes."""
    read_ones = ((strip, read(strip)) for strip in strips)
    return next(((strip, mask) for strip, mask in read_ones if mask.strip(b"\0")), None)


def _leading(mask: bytes) -> int:
    """How many zeros come first."""
    return len(mask) - len(mask.lstrip(b"\0"))


def _fewest(mask: bytes, width: int) -> int:
    """The fewest zeros that a row begins with."""
    return min(_leading(mask[at : at + width]) for at in range(0, len(mask), width))
