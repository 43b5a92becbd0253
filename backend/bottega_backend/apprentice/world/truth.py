"""What is true of a scene: masks of its things, depth, normals and edges, pixel by pixel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .canvas import FIRST_THING, Canvas
from .geometry import Floats, vector

CREASE = 0.6
"""Sum of the differences of two neighbouring normals from which there is an edge between them."""


def thing_mask(canvas: Canvas, index: int) -> NDArray[np.bool_]:
    """Where the scene's thing with this index is seen: (rows, columns)."""
    return np.asarray(canvas.owner == FIRST_THING + index)


def normals(canvas: Canvas) -> Floats:
    """Unit normals (rows, columns, 3): x right, y up, z to the viewer; the sky faces us."""
    facing = canvas.normal + (1 - canvas.solid)[..., np.newaxis] * vector((0, 0, 1))
    length = np.linalg.norm(facing, axis=-1, keepdims=True)
    return np.asarray(facing / np.maximum(length, 1e-6), np.float32)


def edges(canvas: Canvas) -> NDArray[np.bool_]:
    """Where the owner changes, or a thing's surface turns sharply: (rows, columns)."""
    facing = normals(canvas)
    found = np.zeros(canvas.owner.shape, bool)
    for axis in (0, 1):
        here = tuple(slice(1, None) if each == axis else slice(None) for each in (0, 1))
        before = tuple(slice(-1) if each == axis else slice(None) for each in (0, 1))
        changes = canvas.owner[here] != canvas.owner[before]
        turns = np.abs(facing[here] - facing[before]).sum(-1) > CREASE
        found[here] |= changes | (turns & (canvas.owner[here] >= FIRST_THING))
    return found
