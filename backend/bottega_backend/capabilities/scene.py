"""What a model gets to see of a selection: the picture at painted size, and its mask in cells.

A cell is one latent: 8 by 8 pixels of the painted picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bottega_backend.engine.tap import rest
from bottega_backend.imaging.pixels import Floats
from bottega_backend.imaging.prefill import prefill
from bottega_backend.imaging.resize import Resized
from bottega_backend.imaging.rows import Rows, rest_if_large, whole
from bottega_protocol.regions import Size

CELL = 8
"""Painted pixels to a latent, each way."""

KNOWN_BELOW = 0.5
"""Cells below this share of the mask's peak are context: mostly the original will show there."""


@dataclass(frozen=True)
class Cells:
    """A mask at painted size.

    `cells` (h/8, w/8) has its greatest value in each cell, `shares` its mean there.
    """

    cells: Floats
    shares: Floats

    def touched(self) -> Floats:
        """1 for every cell of which anything is painted, 0 elsewhere."""
        return (self.cells > 0).astype(np.float32)

    def hole(self) -> Floats:
        """1 for the cells in which the original is hidden from the model, 0 elsewhere.

        Cells that reach half of the mask's peak, so that a feathered edge counts as context
        where the original will still show, and a selection that is faint everywhere is painted
        all the same; and of those the ones that are half as full as their neighbours, so that
        an edge is rounded to cells (what is painted beyond it would be cut away), and a thin
        line is a hole all the same.
        """
        strong = self.cells >= KNOWN_BELOW * float(self.cells.max())
        fullest = cv2.dilate(self.shares, np.ones((3, 3), np.uint8))
        full = self.shares >= KNOWN_BELOW * fullest
        return np.asarray((self.cells > 0) & strong & full, np.float32)


@dataclass(frozen=True)
class Scene(Cells):
    """The picture with its mask: `rgb` (h, w, 3) is the original, sRGB-encoded, on white."""

    rgb: Floats

    def prefilled(self, intent: str = "fill") -> Floats:
        """The picture with its hole holding what the artist's intent puts there."""
        return prefill(self.rgb, in_pixels(self.hole()), intent)


def look(rgb: Rows, mask: Rows | None, painted: Size) -> Scene:
    """Bring a picture (H, W, 3) and its mask (H, W) to the painted size.

    The original is resampled here, once, and nowhere else. Without a mask all is painted.
    """
    seen = whole(Resized(rgb, painted), rest)
    found = look_at_mask(mask, painted)
    return Scene(found.cells, found.shares, seen)


def look_at_mask(mask: Rows | None, painted: Size) -> Cells:
    """The mask alone."""
    size = Size(painted.width // CELL, painted.height // CELL)
    if mask is None:
        everything: Floats = np.ones((size.height, size.width), np.float32)
        return Cells(everything, everything)
    return Cells(_cells(mask, size), whole(Resized(mask, size), rest))


def in_pixels(cells: Floats) -> Floats:
    """A value per cell as one per painted pixel."""
    return cells.repeat(CELL, axis=0).repeat(CELL, axis=1)


def _cells(mask: Rows, size: Size) -> Floats:
    """The greatest mask value under each cell: a single selected pixel opens its whole cell."""
    height = mask.size.height
    step = max(1, mask.step * size.height // height)
    cells = np.empty((size.height, size.width), np.float32)
    for first in range(0, size.height, step):
        spans = _spans(height, size.height)[:, first : first + step]
        rows = mask.rows(int(spans[0, 0]), int(spans[1, -1]) + 1)
        lines = _greatest(rows, spans - spans[0, 0])
        cells[first : first + step] = _greatest(lines.T, _spans(mask.size.width, size.width)).T
        rest_if_large(mask.size, rest)()
    return cells


def _spans(length: int, count: int) -> NDArray[np.intp]:
    """The first and the last pixel (2, count) of equal spans; pixels count in all they touch."""
    places = np.arange(count)
    return np.stack((places * length // count, -(-(places + 1) * length // count) - 1))


def _greatest(array: Floats, spans: NDArray[np.intp]) -> Floats:
    """The greatest along axis 0 over each span."""
    starts, lasts = spans
    return np.asarray(np.maximum(np.maximum.reduceat(array, starts), array[lasts]), np.float32)
