"""Dither: whole numbers whose mean is the value that was meant, so that slopes show no bands."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

NEAR = 1 / 64
"""A value this near to a whole number is that number: float32 holds 65535ths no better."""


def to_whole(
    values: NDArray[np.float32], random: np.random.Generator | None
) -> NDArray[np.float32]:
    """Values of 0 and more as whole numbers: rounded half up, or with `random` up or down by lot.

    A value is rounded up with a chance as great as its fraction, so that the mean over many
    pixels stays (Roberts, Picture Coding Using Pseudo-Random Noise, 1962). Whole numbers stay.
    """
    if random is None:
        return np.asarray(np.floor(values + np.float32(0.5)), np.float32)
    nearest = np.rint(values)
    lots = np.floor(values + random.random(values.shape, np.float32))
    # A lot just below 1 can round the sum up to the whole number after next.
    lots = np.minimum(lots, np.ceil(values))
    return np.where(np.abs(values - nearest) <= NEAR, nearest, lots).astype(np.float32)
