"""Counting pixels that are no numbers needs no GIMP."""

from __future__ import annotations

import numpy as np
import pytest

from bottega_gimp.finite import non_finite_pixels

BAD = (np.nan, -np.nan, np.inf, -np.inf)


def test_a_picture_of_numbers_has_none_however_large_they_are():
    values = np.array([0.0, -0.0, 1.0, -7.5, 3.4e38, -3.4e38, 1e-40, 1.7e38], "<f4")
    assert non_finite_pixels(values.tobytes()) == 0


@pytest.mark.parametrize("bad", BAD)
def test_a_pixel_counts_once_whichever_of_its_samples_is_bad(bad: float):
    for channels in range(1, 16):
        pixels = np.random.default_rng(channels).normal(size=(9, 4)).astype("<f4")
        for channel in range(4):
            if channels >> channel & 1:
                pixels[5, channel] = bad
        assert non_finite_pixels(pixels.tobytes()) == 1


def test_the_count_is_that_of_numpy():
    chance = np.random.default_rng(4)
    pixels = chance.normal(scale=1e30, size=(5000, 4)).astype("<f4")
    pixels.reshape(-1)[chance.integers(0, 20000, 300)] = chance.choice(BAD, 300)
    expected = int((~np.isfinite(pixels)).any(axis=1).sum())
    assert expected > 200
    assert non_finite_pixels(pixels.tobytes()) == expected
