"""Colour match: a painted picture takes the tone of the original that it will be laid over."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bottega_backend.imaging.pixels import Floats

LEAST_PIXELS = 64
"""Fewer unmasked pixels than this say nothing about a cast."""

LEAST_SPREAD = 1e-3
"""A flatter channel (standard deviation) has no contrast to compare."""

GAINS = (0.8, 1.25)
"""How far contrast may be changed: a cast is slight, more would be another picture."""


def match(painted: Floats, original: Floats, mask: Floats) -> Floats:
    """Give `painted` (H, W, 3) the mean and contrast of `original` as far as mask (H, W) is 0.

    Only pixels with mask 0 are measured, where both pictures show the same thing; the
    correction is one gain and one shift per channel for the whole picture. It works on
    sRGB-encoded values: those are what the model's VAE was trained on, so its drift is nearest
    to an affine one there. Too few unmasked pixels: `painted` is returned as it is.
    """
    kept = mask <= 0
    if int(kept.sum()) < LEAST_PIXELS:
        return painted
    gain, shift = _correction(painted[kept].astype(np.float64), original[kept].astype(np.float64))
    return np.clip(painted * gain + shift, 0.0, 1.0).astype(np.float32)


def _correction(
    painted: NDArray[np.float64], original: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gain and shift per channel from two (N, 3) lists of the same pixels."""
    mean, wanted = painted.mean(axis=0), original.mean(axis=0)
    spread, wished = painted.std(axis=0), original.std(axis=0)
    flat = (spread < LEAST_SPREAD) | (wished < LEAST_SPREAD)
    gain = np.where(flat, 1.0, wished / np.maximum(spread, LEAST_SPREAD))
    gain = np.clip(gain, *GAINS)
    return gain, wanted - mean * gain
