"""Where the inpaint model learns to paint: holes around things, and holes anywhere, in cells."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bottega_backend.apprentice.world.captions import (
    draw_caption,
    empty_caption,
    thing_caption,
    whole_caption,
)
from bottega_backend.apprentice.world.render import stands_at
from bottega_backend.apprentice.world.scene import Chance, Scene
from bottega_backend.apprentice.world.shapes import SHAPES

CELL = 8
AROUND_A_THING = 0.55
"""Of the holes: they ask for that thing. The others ask for what is there, or for nothing."""

Mask = NDArray[np.bool_]
Grid = tuple[NDArray[np.float64], NDArray[np.float64]]
"""The cells' centres, x and y, in picture heights."""


def draw_hole(scene: Scene, rows: int, columns: int, chance: Chance) -> tuple[Mask, str]:
    """A hole, (rows / 8, columns / 8), and what is said to have it filled."""
    x = (np.arange(columns // CELL) + 0.5) * CELL / rows
    y = (np.arange(rows // CELL) + 0.5) * CELL / rows
    across, down = np.meshgrid(x, y)
    grid = across, down
    if scene.things and chance.random() < AROUND_A_THING:
        return _around_a_thing(scene, grid, chance)
    return _anywhere(grid, columns / rows, chance), _of_the_rest(scene, chance)


def _around_a_thing(scene: Scene, grid: Grid, chance: Chance) -> tuple[Mask, str]:
    thing = scene.things[int(chance.integers(len(scene.things)))]
    base, s = stands_at(scene, thing), thing.scale
    left, right, top, bottom = chance.uniform(1.05, 1.6, 4)
    high = SHAPES[thing.kind].height * s * min(top, 1.3)
    box = (thing.x - s * left, base - high, thing.x + s * right, base + 0.4 * s * bottom)
    hole = _inside(grid, box, ellipse=bool(chance.random() < 0.5))
    words = (
        thing_caption(thing),
        thing_caption(thing),
        f"{thing_caption(thing)}, {empty_caption(scene)}",
        draw_caption(scene, chance),
    )
    return hole, words[int(chance.integers(len(words)))]


def _of_the_rest(scene: Scene, chance: Chance) -> str:
    words = ("", "", empty_caption(scene), draw_caption(scene, chance), whole_caption(scene))
    return words[int(chance.integers(len(words)))]


def _anywhere(grid: Grid, width: float, chance: Chance) -> Mask:
    """One to three rectangles, ellipses and strokes."""
    hole = np.zeros_like(grid[0], bool)
    for _ in range(int(chance.integers(1, 4))):
        x, y = chance.uniform(0, width), chance.uniform(0, 1)
        wide, high = chance.uniform(0.06, 0.35, 2)
        if chance.random() < 0.3:
            hole |= _stroke(grid, (x, y), chance)
        else:
            box = (x - wide, y - high, x + wide, y + high)
            hole |= _inside(grid, box, ellipse=bool(chance.random() < 0.5))
    if not hole.any():
        hole[int(chance.integers(hole.shape[0])), int(chance.integers(hole.shape[1]))] = True
    return hole


def _inside(grid: Grid, box: tuple[float, float, float, float], *, ellipse: bool) -> Mask:
    x, y = grid
    left, top, right, bottom = box
    across = (x - (left + right) / 2) / max((right - left) / 2, 1e-6)
    down = (y - (top + bottom) / 2) / max((bottom - top) / 2, 1e-6)
    if ellipse:
        return np.asarray(across**2 + down**2 < 1.2)
    return np.asarray((np.abs(across) < 1) & (np.abs(down) < 1))


def _stroke(grid: Grid, middle: tuple[float, float], chance: Chance) -> Mask:
    x, y = (axis - at for axis, at in zip(grid, middle, strict=True))
    turn, thick, long = (
        chance.uniform(0, np.pi),
        chance.uniform(0.03, 0.10),
        chance.uniform(0.2, 0.6),
    )
    off, along = x * np.sin(turn) - y * np.cos(turn), x * np.cos(turn) + y * np.sin(turn)
    return np.asarray((np.abs(off) < thick) & (np.abs(along) < long))
