"""What is painted upon: colours, normals, depth and owner of every pixel, without any light yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .geometry import Floats

SKY, RIDGE, GROUND, FIRST_THING = 0, 1, 2, 10
"""Who owns a pixel; the things follow from FIRST_THING on, in the scene's order."""

Place = tuple[slice, slice]


@dataclass(frozen=True)
class View:
    """Which part of the world a picture shows: `left` and `width` in picture heights.

    The scene's own square lies from 0 to 1; a wider view shows what continues beside it.
    """

    rows: int
    columns: int
    left: float = 0.0
    width: float = 1.0

    @property
    def pixel(self) -> float:
        """The width of a pixel in picture heights; pixels are square where the sizes fit."""
        return self.width / self.columns

    def axes(self) -> tuple[Floats, Floats]:
        """Pixel centres: x (columns,) from the left, y (rows,) from the top, 0 to 1."""
        x = (np.arange(self.columns, dtype=np.float32) + 0.5) * np.float32(self.pixel)
        y = (np.arange(self.rows, dtype=np.float32) + 0.5) / np.float32(self.rows)
        return x + np.float32(self.left), y

    def box(self, left: float, top: float, right: float, bottom: float) -> Place:
        """The rows and columns that a rectangle of the world touches."""
        columns = np.clip(
            [(left - self.left) / self.pixel, (right - self.left) / self.pixel + 1], 0, self.columns
        )
        rows = np.clip([top * self.rows, bottom * self.rows + 1], 0, self.rows)
        return slice(int(rows[0]), int(rows[1])), slice(int(columns[0]), int(columns[1]))


class Canvas:
    """Everything that shading needs, as (rows, columns[, 3]); pieces are painted over each other.

    `albedo` and `normal` are premultiplied by `solid`, the share of a pixel that is not sky;
    `ground` is the share that is bare ground, where shadows fall.
    """

    def __init__(self, view: View) -> None:
        shape = (view.rows, view.columns)
        self.view = view
        self.albedo: Floats = np.zeros((*shape, 3), np.float32)
        self.normal: Floats = np.zeros((*shape, 3), np.float32)
        self.depth: Floats = np.zeros(shape, np.float32)
        self.owner: NDArray[np.uint8] = np.zeros(shape, np.uint8)
        self.solid: Floats = np.zeros(shape, np.float32)
        self.ground: Floats = np.zeros(shape, np.float32)

    def paint(self, place: Place, cover: Floats, colour: Any, normal: Any) -> None:
        """Lay a surface over a part; colour and normals are per pixel or the same everywhere."""
        share = cover[..., np.newaxis]
        albedo, normals = self.albedo[place], self.normal[place]
        albedo += (np.asarray(colour, np.float32) - albedo) * share
        for axis in range(3):
            normals[..., axis] += (normal[axis] - normals[..., axis]) * cover
        self.solid[place] += (1 - self.solid[place]) * cover
        self.ground[place] *= 1 - cover

    def own(self, place: Place, cover: Floats, owner: int, depth: float | Floats) -> None:
        """Say whose the pixels are that are mostly covered, and how near: 0 far to 1 near."""
        mostly = cover > 0.5
        self.owner[place] = np.where(mostly, np.uint8(owner), self.owner[place])
        self.depth[place] = np.where(mostly, np.float32(depth), self.depth[place])
