"""Resampling: area average when shrinking, Lanczos when enlarging."""

from __future__ import annotations

import cv2
import numpy as np

from bottega_backend.imaging.pixels import Floats


def resize(array: Floats, width: int, height: int) -> Floats:
    """Bring (H, W) or (H, W, C) to (height, width[, C]), clipped to 0..1.

    Each axis is resampled once: by area where it shrinks, with Lanczos (8 taps) where it grows.
    The same array is returned when it has that size already.
    """
    if array.shape[:2] == (height, width):
        return array
    before = array.shape
    # Shrinking goes first: it leaves less to enlarge, and the axes do not touch each other.
    small_height, small_width = min(height, before[0]), min(width, before[1])
    if (small_height, small_width) != before[:2]:
        array = _call(array, small_width, small_height, cv2.INTER_AREA)
    if (small_height, small_width) != (height, width):
        array = _call(array, width, height, cv2.INTER_LANCZOS4)
    return np.clip(array.reshape(height, width, *before[2:]), 0.0, 1.0)


def _call(array: Floats, width: int, height: int, method: int) -> Floats:
    return np.asarray(cv2.resize(array, (width, height), interpolation=method), np.float32)
