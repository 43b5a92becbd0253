"""Grain: what is painted takes the fine noise of the picture that it will lie in.

A model's pictures are smooth, and smoother still once they are enlarged; a photograph's film
grain or sensor noise that stops at the selection's edge shows it. Everything is measured on the
diagonal details of 2 by 2 pixels, in which slopes and straight edges leave nothing.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from bottega_backend.imaging.pixels import Floats

BLOCK = 16
"""Details to a side of a block, each of which may lie on something flat."""

QUIET = 0.25
"""The blocks' quantile that is taken for noise: texture and edges are in the louder ones."""

QUIET_OF_NOISE = 0.94
"""That quantile of the variance of BLOCK * BLOCK normal numbers, to their true variance."""

LEAST_BLOCKS = 8
"""Fewer flat blocks than this say nothing."""

COARSE = 2.0
"""White noise has the same variance in details twice as large; texture has about four times it."""

LEAST_NOISE = 0.4 / 255
"""Standard deviation: rounding to 8 bit leaves 0.29; less than this is no grain."""

MOST_NOISE = 0.08
"""Standard deviation of the most that is added."""

STRIP = 256
"""Rows at a time: the noise of a large picture has no room beside it."""


def match_grain(painted: Floats, original: Floats, known: NDArray[np.bool_], seed: int) -> Floats:
    """Add to `painted` (H, W, 3) the noise that `original` has, where it has less.

    The noise is measured on flat parts of what is `known` (H, W) of the original, with its
    colour: the covariance of red, green and blue. Nothing is added where the painting is as
    rough already, or where the original has no noise of every pixel's own, as drawings do not
    (`painted` is returned as it is then). The same seed adds the same noise.
    """
    covariance = noise_of(original, known)
    if covariance is None:
        return painted
    level = float(np.trace(covariance)) / 3
    root = _root(covariance * min(1.0, MOST_NOISE**2 / level))
    share = np.sqrt(np.clip(1.0 - _roughness(painted) / level, 0.0, 1.0))
    rng, grainy = np.random.default_rng(seed), np.empty_like(painted)
    for row in range(0, len(painted), STRIP):
        rows = slice(row, row + STRIP)
        noise = rng.standard_normal(painted[rows].shape, np.float32) @ root
        grainy[rows] = np.clip(painted[rows] + noise * share[rows, :, np.newaxis], 0.0, 1.0)
    return grainy


def noise_of(picture: Floats, known: NDArray[np.bool_]) -> NDArray[np.float64] | None:
    """The covariance (3, 3) of a picture's noise (H, W, 3), or nothing where it has none."""
    if min(picture.shape[:2]) < 2 * BLOCK:
        return None
    fine = _details(picture)
    halved = picture[: len(picture) // 2 * 2, : picture.shape[1] // 2 * 2]
    halved = cv2.resize(halved, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    # A mean of 2 by 2 has half of white noise's deviation: doubled, both scales can be compared.
    coarse = _details(halved * 2.0)
    blocks = _blocks(fine, BLOCK)
    like_noise = _variance(_blocks(coarse, BLOCK // 2)) <= COARSE * _variance(blocks)
    flat = _usable(picture, known) & like_noise
    if int(flat.sum()) < LEAST_BLOCKS:
        return None
    blocks = blocks[flat]
    variance = _variance(blocks)
    quiet = blocks[variance <= np.quantile(variance, QUIET)]
    details = quiet.reshape(-1, 3).astype(np.float64)
    covariance = details.T @ details / len(details) / QUIET_OF_NOISE
    return covariance if float(np.trace(covariance)) / 3 > LEAST_NOISE**2 else None


def _details(picture: Floats) -> Floats:
    """Diagonal details (H // 2, W // 2, 3) of 2 by 2 pixels; of white noise, as strong as it."""
    height, width = picture.shape[0] // 2 * 2, picture.shape[1] // 2 * 2
    rows = picture[0:height:2, :width] - picture[1:height:2, :width]
    return np.asarray((rows[:, 0::2] - rows[:, 1::2]) / 2, np.float32)


def _blocks(details: Floats, side: int) -> Floats:
    """Whole blocks of details (count, side * side, channels); what is over is left out."""
    rows, columns = details.shape[0] // side, details.shape[1] // side
    cut = details[: rows * side, : columns * side]
    split = cut.reshape(rows, side, columns, side, -1).swapaxes(1, 2)
    return np.asarray(split.reshape(rows * columns, side * side, -1), np.float32)


def _usable(picture: Floats, known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which blocks are all known and nowhere clipped: (count,)."""
    good = known & (picture > 0).all(axis=2) & (picture < 1).all(axis=2)
    pixels = _blocks(good[..., np.newaxis].astype(np.float32), 2 * BLOCK)
    return np.asarray(pixels.all(axis=(1, 2)), np.bool_)


def _variance(blocks: Floats) -> Floats:
    """The mean square of each block's details: (count,)."""
    return np.asarray(np.square(blocks).mean(axis=(1, 2)), np.float32)


def _roughness(picture: Floats) -> Floats:
    """The variance (H, W) of the diagonal details around each pixel."""
    total: Floats = np.zeros(picture.shape[:2], np.float32)
    kernel = np.array([[0.5, -0.5], [-0.5, 0.5]], np.float32)
    for channel in range(3):
        details = cv2.filter2D(picture[..., channel], -1, kernel, borderType=cv2.BORDER_REFLECT)
        total += np.square(details)
    return np.asarray(cv2.blur(total, (BLOCK, BLOCK)) / 3, np.float32)


def _root(covariance: NDArray[np.float64]) -> Floats:
    """The symmetric square root: grey noise has a singular covariance, which others refuse."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T, np.float32)
