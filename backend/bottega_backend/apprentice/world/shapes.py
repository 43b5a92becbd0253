"""How each kind of thing looks: an ordered list of painted pieces, in the thing's own coordinates.

x runs right from the thing's centre, y up from where it stands; half its width is `scale`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from .geometry import Floats, Point, ellipse, pillar_normal, polygon, sphere_normal
from .palette import BARK, COLOURS, DOOR, ROOF, SAIL, Colour
from .scene import Thing

Normal = tuple[float | Floats, float | Floats, float | Floats]

LEFT_WALL: Normal = (-0.70, 0.10, 0.70)
RIGHT_WALL: Normal = (0.70, 0.10, 0.70)
TOP: Normal = (0.0, 0.97, 0.25)
ROUND = 0.28
"""How far a round base bulges towards us, as a share of its half width."""


@dataclass(frozen=True)
class Piece:
    """One surface: its distance field (positive inside), its colour and its normals."""

    inside: Floats
    colour: Colour
    normal: Normal


@dataclass(frozen=True)
class Patch:
    """Pixel coordinates around a thing, and what it is drawn with."""

    x: Floats
    y: Floats
    s: float
    colour: Colour
    variant: float


Drawing = Iterator[Piece]


def draw(thing: Thing, x: Floats, y: Floats) -> Drawing:
    """The pieces of a thing, the hindmost first."""
    patch = Patch(x, y, thing.scale, COLOURS[thing.colour], thing.variant)
    return SHAPES[thing.kind].draw(patch)


def _ball(p: Patch) -> Drawing:
    place = (0.0, p.s), (p.s, p.s)
    yield Piece(ellipse(p.x, p.y, *place), p.colour, sphere_normal(p.x, p.y, *place))


def _box(p: Patch) -> Drawing:
    s = p.s
    yield from _walls(p, 0.95 * s, 1.15 * s, 0.42 * s)
    w, h, t = 0.95 * s, 1.15 * s, 0.42 * s
    yield Piece(polygon(p.x, p.y, ((-w, h), (0, h + t), (w, h), (0, h - t))), p.colour, TOP)


def _walls(p: Patch, w: float, h: float, t: float) -> Drawing:
    """Two walls that meet in an edge towards us; `t` is how far down that edge comes."""
    left = ((-w, h), (0.0, h - t), (0.0, 0.0), (-w, t))
    right = ((0.0, h - t), (w, h), (w, t), (0.0, 0.0))
    yield Piece(polygon(p.x, p.y, left), p.colour, LEFT_WALL)
    yield Piece(polygon(p.x, p.y, right), p.colour, RIGHT_WALL)


def _cone(p: Patch) -> Drawing:
    w, h = 0.95 * p.s, 2.1 * p.s
    side = polygon(p.x, p.y, ((0.0, h), (w, 0.0), (-w, 0.0)))
    base = ellipse(p.x, p.y, (0.0, 0.0), (w, w * ROUND))
    half = np.maximum((h - p.y) / h, 0.02).astype(np.float32) * np.float32(w)
    yield Piece(np.maximum(side, base), p.colour, pillar_normal(p.x, half, lean=0.4))


def _tower(p: Patch) -> Drawing:
    w, h = 0.55 * p.s, 2.3 * p.s
    yield from _pillar(p, w, h, p.colour)
    yield Piece(ellipse(p.x, p.y, (0.0, h), (w, w * ROUND)), p.colour, TOP)
    slit = (0.10 * p.s, 0.22 * p.s)
    yield Piece(ellipse(p.x, p.y, (0.0, h * 0.72), slit), DOOR, (0.0, 0.05, 1.0))


def _pillar(p: Patch, w: float, h: float, colour: Colour) -> Drawing:
    bulge = np.sqrt(np.clip(1 - (p.x / w) ** 2, 0, 1)).astype(np.float32) * np.float32(w * ROUND)
    inside = np.minimum.reduce((w - np.abs(p.x), h - p.y, p.y + bulge))
    yield Piece(inside, colour, pillar_normal(p.x, w, lean=0.05))


def _house(p: Patch) -> Drawing:
    s = p.s
    w, h, t, over = 0.95 * s, 0.95 * s, 0.30 * s, 0.12 * s
    yield from _walls(p, w, h, t)
    door = np.minimum(0.15 * s - np.abs(p.x - 0.45 * w), np.minimum(0.62 * s - p.y, p.y - 0.14 * s))
    yield Piece(door, DOOR, RIGHT_WALL)
    top, eave = (0.0, h + 0.95 * s), (0.0, h - t - over)
    left, right = (-w - over, h), (w + over, h)
    yield Piece(polygon(p.x, p.y, (top, eave, left)), ROOF, (-0.60, 0.55, 0.58))
    yield Piece(polygon(p.x, p.y, (top, right, eave)), ROOF, (0.60, 0.55, 0.58))


CROWN: tuple[tuple[Point, float], ...] = (
    ((-0.45, 1.05), 0.55),
    ((0.45, 1.05), 0.55),
    ((0.0, 1.55), 0.68),
)
"""Where a tree's three clumps of leaves are, and their radii, in half widths."""


def _tree(p: Patch) -> Drawing:
    yield from _pillar(p, 0.16 * p.s, 0.8 * p.s, BARK)
    for (x, y), radius in CROWN:
        place = (x * p.s, y * p.s), (radius * p.s, radius * p.s)
        yield Piece(ellipse(p.x, p.y, *place), p.colour, sphere_normal(p.x, p.y, *place))


def _boat(p: Patch) -> Drawing:
    s, lee = p.s, 1.0 if p.variant < 0.5 else -1.0
    w, h = 1.05 * s, 0.52 * s
    mast = np.minimum(0.05 * s - np.abs(p.x), np.minimum(2.0 * s - p.y, p.y - 0.3 * s))
    yield Piece(mast, BARK, (0.0, 0.1, 1.0))
    corners = [(0.10 * s * lee, 1.95 * s), (0.90 * s * lee, 0.68 * s), (0.10 * s * lee, 0.68 * s)]
    sail = polygon(p.x, p.y, corners if lee > 0 else corners[::-1])
    yield Piece(sail, SAIL, (0.35 * lee, 0.15, 0.92))
    hull = polygon(p.x, p.y, ((-w, h), (w, h), (0.62 * w, 0.0), (-0.62 * w, 0.0)))
    yield Piece(hull, p.colour, pillar_normal(p.x, 1.3 * w, lean=-0.1))


def _rock(p: Patch) -> Drawing:
    s, tilt = p.s, (p.variant - 0.5) * 0.3
    peak, left, right = (tilt * s, 1.05 * s), (-0.72 * s, 0.62 * s), (0.72 * s, 0.52 * s)
    foot, edge = (0.10 * s, 0.0), (0.12 * s, 0.52 * s)
    outer_left, outer_right = (-1.0 * s, 0.08 * s), (1.0 * s, 0.10 * s)
    faces: tuple[tuple[tuple[Point, ...], Normal], ...] = (
        ((left, peak, edge), (-0.35, 0.80, 0.49)),
        ((peak, right, edge), (0.40, 0.75, 0.53)),
        ((outer_left, left, edge, foot), (-0.62, 0.10, 0.78)),
        ((edge, right, outer_right, foot), (0.66, 0.05, 0.75)),
    )
    for corners, normal in faces:
        yield Piece(polygon(p.x, p.y, corners), p.colour, normal)


@dataclass(frozen=True)
class Shape:
    """How a kind is drawn; half its footprint and its height, both in half widths."""

    draw: Callable[[Patch], Drawing]
    foot: float
    height: float


SHAPES = {
    "ball": Shape(_ball, 0.75, 2.0),
    "box": Shape(_box, 0.95, 1.57),
    "cone": Shape(_cone, 0.95, 2.1),
    "tower": Shape(_tower, 0.55, 2.46),
    "house": Shape(_house, 0.95, 1.9),
    "tree": Shape(_tree, 0.45, 2.23),
    "boat": Shape(_boat, 0.85, 2.0),
    "rock": Shape(_rock, 0.95, 1.05),
}
"""By kind, as in palette.KINDS."""
