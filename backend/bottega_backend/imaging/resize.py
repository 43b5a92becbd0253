"""Resampling: area average when shrinking, Lanczos when enlarging; each axis once."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from bottega_backend.imaging.pixels import Floats
from bottega_backend.imaging.rows import Held, Rows, rows_at_once
from bottega_protocol.regions import Size

LOBES = 4
"""Of the Lanczos kernel, to each side: 8 taps."""

MIXED = 32
"""Rows that are mixed by one matrix: of a larger one most would be zeros."""


def resize(array: Floats, width: int, height: int) -> Floats:
    """Bring (H, W) or (H, W, C) to (height, width[, C]), clipped to 0..1.

    Each axis is resampled once: by area where it shrinks, with Lanczos (8 taps) where it grows.
    The same array is returned when it has that size already.
    """
    if array.shape[:2] == (height, width):
        return array
    return Resized(Held(array), Size(width, height)).rows(0, height)


@dataclass(frozen=True)
class Resized:
    """Rows of a picture brought to another `size`, as `resize` does."""

    source: Rows
    size: Size

    @property
    def step(self) -> int:
        before, after = self.source.size.height, self.size.height
        if before <= after:
            return rows_at_once(self.size.width)
        return max(1, min(rows_at_once(self.size.width), self.source.step * after // before))

    def rows(self, top: int, bottom: int) -> Floats:
        before, after = self.source.size.height, self.size.height
        if before == after:
            return np.clip(self._across(self.source.rows(top, bottom)), 0.0, 1.0)
        first, last = _reach(before, after, top, bottom)
        found = self._across(self.source.rows(first, last))
        out = np.empty((bottom - top, *found.shape[1:]), np.float32)
        for row in range(top, bottom, MIXED):
            end = min(row + MIXED, bottom)
            low, high = _reach(before, after, row, end)
            weights = _weights(before, after, (row, end), (low, high))
            mixed = weights @ found[low - first : high - first].reshape(high - low, -1)
            out[row - top : end - top] = mixed.reshape(end - row, *found.shape[1:])
        return np.clip(out, 0.0, 1.0, out=out)

    def _across(self, rows: Floats) -> Floats:
        """The same rows at the new width."""
        height, before = rows.shape[:2]
        if before == self.size.width:
            return rows
        method = cv2.INTER_AREA if before > self.size.width else cv2.INTER_LANCZOS4
        found = cv2.resize(rows, (self.size.width, height), interpolation=method)
        return np.asarray(found, np.float32).reshape(height, self.size.width, *rows.shape[2:])


def _reach(before: int, after: int, top: int, bottom: int) -> tuple[int, int]:
    """Which rows of `before` those from `top` to `bottom` of `after` are made of."""
    if after < before:
        return top * before // after, -(-bottom * before // after)
    first = (2 * top + 1) * before // (2 * after) - LOBES
    last = (2 * bottom - 1) * before // (2 * after) + LOBES + 1
    return max(first, 0), min(last, before)


def _weights(before: int, after: int, rows: tuple[int, int], source: tuple[int, int]) -> Floats:
    """How much each row of `source` counts in each of `rows`; every row's weights add up to 1."""
    wanted, known = np.arange(*rows)[:, np.newaxis], np.arange(*source)
    if after < before:
        begin, end = wanted * before / after, (wanted + 1) * before / after
        shared = np.minimum(end, known + 1) - np.maximum(begin, known)
        return np.asarray(np.maximum(shared, 0.0) * after / before, np.float32)
    centre = (wanted + 0.5) * before / after - 0.5
    taps = np.floor(centre).astype(int) + np.arange(1 - LOBES, LOBES + 1)
    kernel = np.sinc(centre - taps) * np.sinc((centre - taps) / LOBES)
    kernel /= kernel.sum(axis=1, keepdims=True)
    weights = np.zeros((len(wanted), len(known)))
    # Beyond the border the outermost row is taken to go on.
    places = np.clip(taps, 0, before - 1) - source[0]
    np.add.at(weights, (np.arange(len(wanted))[:, np.newaxis], places), kernel)
    return weights.astype(np.float32)
