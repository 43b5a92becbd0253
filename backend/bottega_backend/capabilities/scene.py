"""What a model gets to see of a selection: the picture at painted size, and its mask in cells.

A cell is one latent: 8 by 8 pixels of the painted picture. numpy only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bottega_backend.imaging.blend import on_paper
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
    """`rgb` (h, w, 3) is the original, sRGB-encoded, on white; `cells` (h/8, w/8) the mask."""

    rgb: Floats
    cells: Floats

    @property
    def size(self) -> Size:
        """The painted size."""
        return Size(self.rgb.shape[1], self.rgb.shape[0])

    def touched(self) -> Floats:
        """1 for every cell of which anything is painted, 0 elsewhere."""
        return (self.cells > 0).astype(np.float32)

    def hole(self) -> Floats:
        """1 for the cells in which the original is hidden from the model, 0 elsewhere.

        Half of the peak, so that a feathered edge counts as context where the original will
        still show, and a selection that is faint everywhere is painted all the same.
        """
        peak = float(self.cells.max())
        return ((self.cells > 0) & (self.cells >= KNOWN_BELOW * peak)).astype(np.float32)

    def prefilled(self) -> Floats:
        """The picture with its surroundings continued into the hole."""
        return prefill(self.rgb, in_pixels(self.hole()))


def look(rgba: Floats, mask: Floats, painted: Size) -> Scene:
    """Bring straight-alpha RGBA (H, W, 4) and mask (H, W) to the painted size.

    The original is resampled here, once, and nowhere else.
    """
    rgb = resize(on_paper(rgba), painted.width, painted.height)
    return Scene(rgb, _cells(mask, painted.height // CELL, painted.width // CELL))


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
