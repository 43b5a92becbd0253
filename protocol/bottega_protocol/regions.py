"""Rectangles and sizes in whole canvas pixels; x to the right, y down."""

from __future__ import annotations

from dataclasses import dataclass

from .schema import Record, Whole, wire

FAR = 2**20
"""No coordinate or side reaches further than this many pixels from the canvas' origin."""


@dataclass(frozen=True)
class Size(Record):
    """Width and height in pixels, each at least 1."""

    width: int = wire(Whole(1, FAR))
    height: int = wire(Whole(1, FAR))

    @property
    def area(self) -> int:
        """The number of pixels."""
        return self.width * self.height


@dataclass(frozen=True)
class Rectangle(Record):
    """A non-empty rectangle; `x`, `y` may be negative, where it reaches over the canvas."""

    x: int = wire(Whole(-FAR, FAR))
    y: int = wire(Whole(-FAR, FAR))
    width: int = wire(Whole(1, FAR))
    height: int = wire(Whole(1, FAR))

    @property
    def right(self) -> int:
        """The first column beyond the rectangle."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The first row beyond the rectangle."""
        return self.y + self.height

    @property
    def size(self) -> Size:
        """Width and height."""
        return Size(self.width, self.height)

    def pad(self, left: int, top: int, right: int, bottom: int) -> Rectangle:
        """Grow by so many pixels on each side."""
        return Rectangle(
            self.x - left, self.y - top, self.width + left + right, self.height + top + bottom
        )

    def intersect(self, other: Rectangle) -> Rectangle | None:
        """The common part, or nothing."""
        x, y = max(self.x, other.x), max(self.y, other.y)
        right, bottom = min(self.right, other.right), min(self.bottom, other.bottom)
        return Rectangle(x, y, right - x, bottom - y) if right > x and bottom > y else None

    def contains(self, other: Rectangle) -> bool:
        """Whether every pixel of `other` lies inside."""
        return self.intersect(other) == other

    def shift_into(self, bounds: Rectangle) -> Rectangle:
        """Move inside `bounds`, keeping the size; cut only where it is larger than they are."""
        width, height = min(self.width, bounds.width), min(self.height, bounds.height)
        x = min(max(self.x, bounds.x), bounds.right - width)
        y = min(max(self.y, bounds.y), bounds.bottom - height)
        return Rectangle(x, y, width, height)


def canvas_rectangle(size: Size) -> Rectangle:
    """The rectangle of a whole canvas."""
    return Rectangle(0, 0, size.width, size.height)


def snap_up(length: int, multiple: int) -> int:
    """The least multiple that is not below `length`."""
    return -(-length // multiple) * multiple
