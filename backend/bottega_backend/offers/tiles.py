"""How a region of a picture is cut into tiles that a model paints one after the other."""

from __future__ import annotations

from math import sqrt

from bottega_protocol.regions import Rectangle, Size, canvas_rectangle, snap_up

from .sizes import LATENT, STRETCH, TILE, grid, scale_rectangle

OVERLAP = 8
"""Tiles share an eighth of a native side with their neighbours: there they are blended."""

LEAST_OVERLAP = 64
"""Pixels shared at least, eight latents, unless that were more than a quarter of a native side."""

MARGIN = 8
"""What is painted has an eighth of a native side of its surroundings in the tile."""


def overlap(native: Size) -> int:
    """Pixels that neighbouring tiles share at least."""
    side = min(native.width, native.height)
    return max(grid(native), side // OVERLAP, min(side // 4, LEAST_OVERLAP))


def tiles_of(
    picture: Size, rectangle: Rectangle, selection: Rectangle, native: Size
) -> tuple[Rectangle, ...]:
    """The tiles of a pass that paints `rectangle` at size `picture`, as far as it is selected.

    Both rectangles are in canvas coordinates. What is small enough to be composed is one tile.
    """
    if picture.area <= STRETCH * native.area:
        return (canvas_rectangle(picture),)
    inside = Rectangle(
        selection.x - rectangle.x, selection.y - rectangle.y, selection.width, selection.height
    )
    return lay_tiles(scale_rectangle(inside, rectangle.size, picture), picture, native)


def lay_tiles(region: Rectangle, picture: Size, native: Size) -> tuple[Rectangle, ...]:
    """Tiles over a region and a margin around it, all of one size, row by row.

    The picture's sides lie on the model's grid, as `choose_sizes` has them. One tile where the
    region fits into it.
    """
    margin = min(native.width, native.height) // MARGIN
    padded = region.pad(margin, margin, margin, margin).intersect(canvas_rectangle(picture))
    around = padded or canvas_rectangle(picture)
    columns = _spans(around.x, around.right, picture.width, native.width, native)
    rows = _spans(around.y, around.bottom, picture.height, native.height, native)
    return tuple(Rectangle(x, y, width, height) for y, height in rows for x, width in columns)


def _spans(begin: int, end: int, length: int, side: int, native: Size) -> list[tuple[int, int]]:
    """Where tiles begin along one axis, and their common length; evenly spread.

    They begin on latents, so that a cell of the picture's mask is a cell of the tile's.
    """
    step, shared = grid(native), overlap(native)
    begin, end = begin // LATENT * LATENT, snap_up(end, LATENT)
    most = min(length, int(side * sqrt(TILE)) // step * step)
    # A picture may be thinner than what tiles share: then there is one across it.
    count = max(1, -(-(end - begin - shared) // max(most - shared, step)))
    size = snap_up(-(-(end - begin + (count - 1) * shared) // count), step)
    # A small part is shown with as much around it as the model is used to see.
    size = min(most, max(size, snap_up(side, step)))
    spare = count * size - (count - 1) * shared - (end - begin)
    first = min(max(begin - spare // 2, 0), length - size) if count == 1 else begin
    last = max(end - size, first) if count > 1 else first
    starts = [first + (last - first) * index // max(count - 1, 1) for index in range(count)]
    return [(start // LATENT * LATENT, size) for start in starts]
