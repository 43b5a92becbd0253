"""At which sizes a rectangle is painted: one pass, or a composition and then detail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from math import ceil, sqrt

from bottega_protocol.regions import Rectangle, Size, snap_up

from .presets import PASSES

GRID = 64
"""Painted sides are multiples of this many pixels, so that like selections share a forward."""

GRIDS = 8
"""Multiples of the grid to a native side, for models too small for `GRID`."""

LATENT = 8
"""Pixels to one latent, each way: no grid is finer."""

STRETCH = 1.5
"""Times the native area that a model composes in one pass: beyond it things appear twice."""

LONGEST = 3
"""A painted side is at most so many native sides long, at least so many times shorter."""

TILE = 2.0
"""Times the native area of one tile of a detail pass: what is there already can't appear twice."""

STEP = 3.0
"""Times that a side may grow from one pass to the next: finer detail needs something to hold."""

ASPECT_FIRST = 3.0
"""How much worse a wrong aspect of a composition is than a wrong area."""

DETAIL = 0.4
"""Strength of the passes after the first at most: detail, with everything left where it is."""


@dataclass(frozen=True)
class Sizes:
    """The picture's size in each pass, from coarse to fine; a single one where one is enough."""

    passes: tuple[Size, ...]

    @property
    def painted(self) -> Size:
        """That of the last pass."""
        return self.passes[-1]

    @property
    def composed(self) -> Size | None:
        """That of the first pass, where there are several."""
        return self.passes[0] if len(self.passes) > 1 else None


def grid(native: Size) -> int:
    """The grid on which a model's painted sides lie."""
    return min(GRID, max(LATENT, min(native.width, native.height) // GRIDS // LATENT * LATENT))


def choose_sizes(rectangle: Size, native: Size, quality: str, *, details: bool = True) -> Sizes:
    """How a rectangle is painted by a model with this native size.

    Up to `STRETCH` native areas: one pass, never below the native area (small things are enlarged
    for painting). Larger ones: a composition that the model paints well, then detail at up to the
    rectangle's own size, as far as the quality goes; between them passes that grow by even
    factors. A model that can't paint `details` composes only.
    """
    most = min(rectangle.area, PASSES[quality].most_pixels(native.area))
    if most <= STRETCH * native.area:
        return Sizes((choose_bucket(rectangle, native, most),))
    whole = choose_bucket(rectangle, native)
    if not details:
        return Sizes((whole,))
    fine = _finest(rectangle, native, most)
    return Sizes((whole, *_between(whole, fine, grid(native)), fine))


def _finest(rectangle: Size, native: Size, most: int) -> Size:
    """The rectangle's own size on the grid, or its aspect with about `most` pixels."""
    scale = min(1.0, sqrt(most / rectangle.area))
    step = grid(native)
    width = max(round(rectangle.width * scale), ceil(native.width / LONGEST))
    height = max(round(rectangle.height * scale), ceil(native.height / LONGEST))
    return Size(snap_up(width, step), snap_up(height, step))


def _between(coarse: Size, fine: Size, step: int) -> Iterator[Size]:
    """The sizes of passes between two, where a side would grow by more than `STEP` at once."""
    growth = sqrt(fine.area / coarse.area)
    count = 1
    while growth ** (1 / count) > STEP:
        count += 1
    for index in range(1, count):
        share = growth ** (index / count - 1)
        yield Size(
            snap_up(ceil(fine.width * share), step), snap_up(ceil(fine.height * share), step)
        )


def choose_bucket(rectangle: Size, native: Size, area: int = 0) -> Size:
    """The size at which a model paints a rectangle in one go: on the grid, near its aspect.

    It has about this `area`, and the native one at least. Aspects up to 9 : 1 are kept as nearly
    as the grid allows; a longer one is painted shorter than it is.
    """
    area = max(area, native.area)
    return min(_buckets(native), key=lambda size: _misfit(size, rectangle, area))


@cache
def _buckets(native: Size) -> tuple[Size, ...]:
    """Every size at which a model with this native size paints well."""
    step = grid(native)
    widths = range(snap_up(ceil(native.width / LONGEST), step), native.width * LONGEST + 1, step)
    heights = range(snap_up(ceil(native.height / LONGEST), step), native.height * LONGEST + 1, step)
    least, most = native.area / STRETCH, native.area * STRETCH
    return tuple(Size(w, h) for w in widths for h in heights if least <= w * h <= most)


def _misfit(size: Size, rectangle: Size, area: float) -> float:
    """How badly a size suits a rectangle: 1 is a perfect fit."""
    aspect = size.width * rectangle.height / (size.height * rectangle.width)
    scale = size.area / area
    return float(max(aspect, 1 / aspect) ** ASPECT_FIRST * max(scale, 1 / scale))


def scale_rectangle(rectangle: Rectangle, source: Size, target: Size) -> Rectangle:
    """A rectangle of a picture of size `source` in the same picture at size `target`, outwards."""
    left = rectangle.x * target.width // source.width
    top = rectangle.y * target.height // source.height
    right = -(-rectangle.right * target.width // source.width)
    bottom = -(-rectangle.bottom * target.height // source.height)
    return Rectangle(left, top, right - left, bottom - top)
