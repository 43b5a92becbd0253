"""All passes of a job: composed where it is large, then finer, tile by tile.

A tile begins from the whole picture as it is by then, its neighbours' painting included, and its
soft mask fades in from them: so it grows out of what is there, and both are blended in pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from bottega_backend.engine.tap import rest
from bottega_backend.imaging.colour import match
from bottega_backend.imaging.pixels import Floats
from bottega_backend.imaging.resize import Resized
from bottega_backend.imaging.rows import Held, Rows, strips, whole
from bottega_backend.imaging.tiles import Fades, carry_detail, keep_tones, weights
from bottega_protocol.regions import Rectangle, Size

from .brush import Brush, Sight
from .overview import Overview
from .resolve import Course
from .scene import CELL, in_pixels, look, look_at_mask

TONES = 16
"""So many radii, over which detail keeps the tones, make a tile's shorter side."""

OUTER = 12
"""What is not painted to a tile's edge fades over this part of its shorter side: its margin."""

SEEDS = 2_654_435_761
"""Knuth's multiplier: every tile has noise of its own, far from that of the seeds next to it."""


@dataclass(frozen=True)
class Subject:
    """What is painted: the original `rgb` (H, W, 3), nothing where it comes from words alone.

    `mask` (H, W) is 0 keep to 1 paint, nothing where all is painted. What is `hidden` the model
    begins without: `intent` says what stands there instead.
    """

    rgb: Rows | None = None
    mask: Rows | None = None
    intent: str = "fill"
    hidden: bool = False


@dataclass(frozen=True)
class _Ground:
    """What a pass begins from (h, w, 3), noise alone without it, and its masks in cells."""

    begin: Floats | None
    cells: Floats | None = None
    hole: Floats | None = None


def paint(subject: Subject, courses: Sequence[Course], brush: Brush) -> Floats:
    """The picture (h, w, 3) in 0..1 at the size of the last pass; raises NotFinite."""
    overview = Overview.of(brush.stage, courses)
    picture = _compose(subject, courses[0], brush, overview)
    for course in courses[1:]:
        ground = _finer(subject, course.size, picture)
        picture = _paint_tiles(ground, course, (brush, overview), detail=True)
    return picture


def _compose(subject: Subject, course: Course, brush: Brush, overview: Overview) -> Floats:
    """The first pass: from the original without what is hidden, or from noise alone."""
    if subject.rgb is None:
        return _paint_tile(_Ground(None), course.tiles[0], course, (brush, overview))
    scene = look(subject.rgb, subject.mask, course.size)
    if subject.mask is None:
        return _paint_tiles(_Ground(scene.rgb), course, (brush, overview))
    begin = scene.prefilled(subject.intent) if subject.hidden else scene.rgb
    ground = _Ground(begin, scene.cells, scene.hole())
    painted = _paint_tiles(ground, course, (brush, overview))
    return match(painted, scene.rgb, in_pixels(scene.touched()))


def enlarge(subject: Subject, coarse: Floats, size: Size) -> Rows:
    """What was painted coarser, made larger once; of an original that was shown, with its detail.

    That is lost on the way into the model; it comes back as far as the original was kept.
    """
    painted = Size(coarse.shape[1], coarse.shape[0])
    if subject.rgb is None or subject.hidden or size == painted:
        return Resized(Held(coarse), size)
    seen = whole(Resized(subject.rgb, painted), rest)
    return carry_detail(coarse, seen, Resized(subject.rgb, size))


def _finer(subject: Subject, size: Size, coarse: Floats) -> _Ground:
    """What was painted coarser, enlarged, and beside it the original at this size."""
    enlarged = enlarge(subject, coarse, size)
    begin = np.empty((size.height, size.width, 3), np.float32)
    for top, bottom in strips(enlarged, rest):
        begin[top:bottom] = enlarged.rows(top, bottom)
    if subject.rgb is None or subject.mask is None:
        return _Ground(begin)
    found, original = look_at_mask(subject.mask, size), Resized(subject.rgb, size)
    for top, bottom in strips(original, rest):
        kept = in_pixels(found.cells[top // CELL : -(-bottom // CELL)]) <= 0
        kept = kept[top % CELL :][: bottom - top]
        if kept.any():
            begin[top:bottom][kept] = original.rows(top, bottom)[kept]
    return _Ground(begin, found.cells, found.hole())


def _paint_tiles(
    ground: _Ground, course: Course, tools: tuple[Brush, Overview], *, detail: bool = False
) -> Floats:
    """The picture with every tile painted in which there is anything to paint, row by row."""
    tiles = [tile for tile in course.tiles if _touched(ground.cells, tile)]
    tools[1].skip(course.runs * (len(course.tiles) - len(tiles)))
    picture: Floats = np.array(ground.begin, copy=not detail)
    for number, tile in enumerate(tiles):
        share = weights(tile.width, tile.height, _fades(tile, tiles, number, course.size))
        here = picture[tile.y : tile.bottom, tile.x : tile.right]
        painted = _paint_tile(_part(ground, here, tile, share), tile, course, tools)
        if detail:
            painted = keep_tones(painted, here, max(1, min(tile.width, tile.height) // TONES))
        here += share[..., np.newaxis] * (painted - here)
    return picture


def _paint_tile(
    ground: _Ground, tile: Rectangle, course: Course, tools: tuple[Brush, Overview]
) -> Floats:
    brush, overview = tools
    sight = Sight(
        size=tile.size,
        runs=course.runs,
        seed=(brush.recipe.seed + SEEDS * overview.tiles) % 2**32,
        begin=ground.begin,
        cells=ground.cells,
        hole=ground.hole,
    )
    painted = brush.paint(sight, partial(overview.hear, tile=tile, size=course.size))
    overview.finish_tile(course.runs)
    return painted


def _part(ground: _Ground, here: Floats, tile: Rectangle, share: Floats) -> _Ground:
    """What one tile begins from: the picture `here`, fading in as far as its pixels count."""
    faded = share.reshape(tile.height // CELL, CELL, -1, CELL).mean(axis=(1, 3))
    if ground.cells is None or ground.hole is None:
        return _Ground(here, None if (share == 1).all() else faded)
    part = _cells_of(tile)
    return _Ground(here, ground.cells[part] * faded, ground.hole[part])


def _touched(cells: Floats | None, tile: Rectangle) -> bool:
    """Whether a tile has anything to paint."""
    if cells is None:
        return True
    return bool(cells[_cells_of(tile)].any())


def _cells_of(tile: Rectangle) -> tuple[slice, slice]:
    """The rows and columns of cells that a tile has."""
    return (
        slice(tile.y // CELL, tile.bottom // CELL),
        slice(tile.x // CELL, tile.right // CELL),
    )


def _fades(tile: Rectangle, tiles: list[Rectangle], number: int, size: Size) -> Fades:
    """How a tile fades in: over what it shares with those painted before it, or its margin.

    Not at the picture's border, and not towards a tile that comes after it, which will.
    """
    outer = min(tile.width, tile.height) // OUTER
    before, after = tiles[:number], tiles[number + 1 :]
    left = [other.right - tile.x for other in before if other.y == tile.y]
    above = [other.bottom - tile.y for other in before if other.x == tile.x]
    right = any(other.y == tile.y for other in after)
    below = any(other.x == tile.x for other in after)
    return Fades(
        left=max([0, *left]) or (outer if tile.x else 0),
        top=max([0, *above]) or (outer if tile.y else 0),
        right=0 if right or tile.right == size.width else outer,
        bottom=0 if below or tile.bottom == size.height else outer,
    )
