"""Grain: what is painted takes the fine noise of the picture that it will lie in.

A model's pictures are smooth, and smoother still once they are enlarged; a photograph's film
grain or sensor noise that stops at the selection's edge shows it. Everything is measured on the
diagonal details of 2 by 2 pixels, in which slopes and straight edges leave nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bottega_backend.imaging.pixels import Floats
from bottega_backend.imaging.rows import Rest, Rows, no_rest, rest_if_large
from bottega_protocol.regions import Rectangle, Size

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

Covariance = NDArray[np.float64]
"""Of the noise in red, green and blue: (3, 3)."""


@dataclass(frozen=True)
class Grainy:
    """Rows of a painted picture with noise of this covariance where it has less, inside `part`.

    Nothing is added where the painting is as rough already. The same seed adds the same noise.
    """

    painted: Rows
    covariance: Covariance
    part: Rectangle
    seed: int

    @property
    def size(self) -> Size:
        return self.painted.size

    @property
    def step(self) -> int:
        return self.painted.step

    def rows(self, top: int, bottom: int) -> Floats:
        first, last = max(top, self.part.y), min(bottom, self.part.bottom)
        if first >= last:
            return self.painted.rows(top, bottom)
        low, high = max(self.part.y, first - BLOCK), min(self.part.bottom, last + BLOCK)
        seen = self.painted.rows(min(low, top), max(high, bottom))
        begin, columns = min(low, top), slice(self.part.x, self.part.right)
        around = seen[low - begin : high - begin, columns]
        grainy = seen[top - begin : bottom - begin].copy()
        here = grainy[first - top : last - top, columns]
        share = self._share(around)[first - low : last - low]
        here += self._noise(first, last) * share[..., np.newaxis]
        np.clip(here, 0.0, 1.0, out=here)
        return grainy

    def _share(self, painted: Floats) -> Floats:
        """How much noise each pixel (h, w) of a part lacks, 0 to 1."""
        level = float(np.trace(self.covariance)) / 3
        lacks = np.clip(1.0 - _roughness(painted) / level, 0.0, 1.0)
        return np.asarray(np.sqrt(lacks), np.float32)

    def _noise(self, top: int, bottom: int) -> Floats:
        """Every row has its own, so that it is the same in whatever pieces it is asked for."""
        level = float(np.trace(self.covariance)) / 3
        root = _root(self.covariance * min(1.0, MOST_NOISE**2 / level))
        drawn = [
            np.random.default_rng((self.seed, row)).standard_normal(
                (self.part.width, 3), np.float32
            )
            for row in range(top, bottom)
        ]
        return np.asarray(np.stack(drawn) @ root, np.float32)


def noise_of(picture: Rows, mask: Rows, part: Rectangle, rest: Rest = no_rest) -> Covariance | None:
    """The covariance of a picture's noise, or nothing where it has none, as drawings do not.

    It is measured on flat places of `part` where the mask is 0.
    """
    if min(part.width, part.height) < 2 * BLOCK:
        return None
    found, pause = [], rest_if_large(part.size, rest)
    for top in range(part.y, part.bottom - 2 * BLOCK + 1, _step(picture)):
        bottom = min(top + _step(picture), part.bottom)
        columns = slice(part.x, part.right)
        known = mask.rows(top, bottom)[:, columns] == 0
        found.append(_measured(picture.rows(top, bottom)[:, columns], known))
        pause()
    blocks = np.concatenate(found)
    if len(blocks) < LEAST_BLOCKS:
        return None
    variance = np.trace(blocks, axis1=1, axis2=2)
    quiet = blocks[variance <= np.quantile(variance, QUIET)]
    covariance = np.asarray(quiet.mean(axis=0) / QUIET_OF_NOISE, np.float64)
    return covariance if float(np.trace(covariance)) / 3 > LEAST_NOISE**2 else None


def _step(picture: Rows) -> int:
    """As many rows at a time as suit the picture, in whole blocks."""
    return max(1, picture.step // (2 * BLOCK)) * 2 * BLOCK


def _measured(picture: Floats, known: NDArray[np.bool_]) -> Covariance:
    """The covariances (count, 3, 3) of all flat blocks that are known in some rows (h, w, 3)."""
    blocks = _blocks(_details(picture), BLOCK)
    halved = picture[: len(picture) // 2 * 2, : picture.shape[1] // 2 * 2]
    halved = cv2.resize(halved, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    # A mean of 2 by 2 has half of white noise's deviation: doubled, both scales can be compared.
    coarse = _blocks(_details(halved * 2.0), BLOCK // 2)
    like_noise = _variance(coarse) <= COARSE * _variance(blocks)
    flat = blocks[_usable(picture, known) & like_noise].astype(np.float64)
    return np.asarray(flat.swapaxes(1, 2) @ flat / (BLOCK * BLOCK), np.float64)


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


def _root(covariance: Covariance) -> Floats:
    """The symmetric square root: grey noise has a singular covariance, which others refuse."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray((vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T, np.float32)
