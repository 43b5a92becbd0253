"""Distances and coverages: how flat outlines and round bodies lie over a patch of pixels.

A distance is positive inside, in the units of the coordinates: x right, y up.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Point = tuple[float, float]
Normals = tuple[Floats, Floats, Floats]

LEAST_FACING = 0.02
"""A round body's normal at its outline still faces us a little: no division by zero there."""


def vector(values: tuple[float, float, float]) -> Floats:
    """Three numbers as an array that does not widen others."""
    return np.array(values, np.float32)


def coverage(distance: Floats, pixel: float) -> Floats:
    """How much of each pixel (of this width) lies inside: 0..1, antialiased over one pixel."""
    return np.asarray(np.clip(distance / np.float32(pixel) + np.float32(0.5), 0, 1), np.float32)


def polygon(x: Floats, y: Floats, corners: Sequence[Point]) -> Floats:
    """Distance to a convex polygon whose corners go round clockwise (y up)."""
    ends = [*corners[1:], corners[0]]
    distances = [_side(x, y, start, end) for start, end in zip(corners, ends, strict=True)]
    return np.asarray(np.minimum.reduce(distances), np.float32)


def _side(x: Floats, y: Floats, start: Point, end: Point) -> Floats:
    """Distance to the line from start to end, positive on its right."""
    across, up = end[0] - start[0], end[1] - start[1]
    length = (across**2 + up**2) ** 0.5
    right = (np.float32(up / length), np.float32(-across / length))
    away = (x - np.float32(start[0])) * right[0] + (y - np.float32(start[1])) * right[1]
    return np.asarray(away, np.float32)


def ellipse(x: Floats, y: Floats, centre: Point, radii: Point) -> Floats:
    """Distance to an ellipse, exact on the axes and for circles."""
    away = np.hypot((x - centre[0]) / radii[0], (y - centre[1]) / radii[1]).astype(np.float32)
    return np.asarray((1 - away) * np.float32(min(radii)), np.float32)


def sphere_normal(x: Floats, y: Floats, centre: Point, radii: Point) -> Normals:
    """Normals (x, y, z) of an ellipsoid that is seen from the front."""
    across, up = (x - centre[0]) / radii[0], (y - centre[1]) / radii[1]
    facing = np.sqrt(np.clip(1 - across * across - up * up, LEAST_FACING, 1))
    return across, up, facing


def pillar_normal(x: Floats, half: Floats | float, lean: float = 0.0) -> Normals:
    """Normals of an upright round body of this half width; `lean` turns them up, as on a cone."""
    across = np.clip(x / half, -1, 1).astype(np.float32)
    level = np.float32((1 - lean**2) ** 0.5)
    facing = np.sqrt(np.clip(1 - across * across, LEAST_FACING, 1)) * level
    return across * level, np.full_like(x, lean), facing
