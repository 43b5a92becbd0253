"""What a model gets to see of a selection: the picture at painted size, and its mask in cells.

A cell is one latent: 8 by 8 pixels of the painted picture. numpy only.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from bottega_backend.imaging.pixels import Floats
from bottega_backend.imaging.prefill import prefill
from bottega_backend.imaging.resize import resize
from bottega_protocol.regions import Size

CELL = 8
"""Painted pixels to a latent, each way."""

KNOWN_BELOW = 0.5
"""Cells below this share of the mask's peak are context: mostly the original will show there."""


@dataclass(frozen=True)
class Scene:
    """The picture and its mask at painted size.

    `rgb` (h, w, 3) is the original, sRGB-encoded, on white. `cells` (h/8, w/8) has the mask's
    greatest value in each cell, `shares` its mean there.
    """

    rgb: Floats
    cells: Floats
    shares: Floats

    @property
    def size(self) -> Size:
        """The painted size."""
        return Size(self.rgb.shape[1], self.rgb.shape[0])

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

    def prefilled(self, intent: str = "fill") -> Floats:
        """The picture with its hole holding what the artist's intent puts there."""
        return prefill(self.rgb, in_pixels(self.hole()), intent)


def look(rgb: Floats, mask: Floats | None, painted: Size) -> Scene:
    """Bring a picture (H, W, 3) and its mask (H, W) to the painted size.

    The original is resampled here, once, and nowhere else. Without a mask all is painted.
    """
    columns, rows = painted.width // CELL, painted.height // CELL
    seen = resize(rgb, painted.width, painted.height)
    if mask is None:
        everything: Floats = np.ones((rows, columns), np.float32)
        return Scene(seen, everything, everything)
    return Scene(seen, _cells(mask, rows, columns), resize(mask, columns, rows))


def in_pixels(cells: Floats) -> Floats:
    """A value per cell as one per painted pixel."""
    return cells.repeat(CELL, axis=0).repeat(CELL, axis=1)


def _cells(mask: Floats, rows: int, columns: int) -> Floats:
    """The greatest mask value under each cell: a single selected pixel opens its whole cell."""
    return _greatest(_greatest(mask, rows).T, columns).T


def _greatest(array: Floats, count: int) -> Floats:
    """The greatest along axis 0 over `count` equal spans; pixels count in every span they touch."""
    length = array.shape[0]
    starts = np.arange(count) * length // count
    lasts = -(-(np.arange(count) + 1) * length // count) - 1
    return np.asarray(np.maximum(np.maximum.reduceat(array, starts), array[lasts]), np.float32)
