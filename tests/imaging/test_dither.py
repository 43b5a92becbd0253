"""Slopes that were painted small show no bands, and what was exact stays exact."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bottega_backend.imaging.dither import to_whole
from bottega_backend.imaging.pixels import FULL, SAMPLES, decode, encode
from bottega_backend.imaging.resize import resize
from bottega_protocol.images import Layout, describe
from bottega_protocol.regions import Size

DEPTHS = ["u8", "u16"]


def slope(steps: float, depth: str, side: int = 512) -> np.ndarray:
    """A slope over so many of a depth's steps, painted at 64 pixels and enlarged once."""
    small = np.linspace(0.4, 0.4 + steps / FULL[depth], 64, dtype=np.float32)
    row = resize(np.tile(small, (64, 1))[..., np.newaxis], side, side)
    return np.concatenate((np.repeat(row, 3, axis=2), np.ones((side, side, 1), np.float32)), axis=2)


def levels(rgba: np.ndarray, depth: str, dither: int | None) -> np.ndarray:
    data = encode(rgba, Layout("RGBA", depth, "srgb"), dither)
    return np.frombuffer(data, SAMPLES[depth]).reshape(rgba.shape).astype(np.float64)


def longest_run(row: np.ndarray) -> int:
    """Equal neighbours in a row, at most."""
    changes = np.flatnonzero(np.diff(row))
    return int(np.diff(np.concatenate(([-1], changes, [len(row) - 1]))).max())


@pytest.mark.parametrize("depth", DEPTHS)
def test_an_enlarged_slope_shows_no_bands(depth: str) -> None:
    """Locally the mean is the value that was meant; without dither whole bands are half off."""
    rgba = slope(5, depth)
    meant = rgba[..., 0].astype(np.float64) * FULL[depth]
    wrong = {dither: levels(rgba, depth, dither)[..., 0] - meant for dither in (None, 7)}
    local = {dither: np.abs(cv2.blur(each, (16, 16))) for dither, each in wrong.items()}
    assert np.percentile(local[None], 90) > 0.35
    assert np.percentile(local[7], 90) < np.percentile(local[None], 90) / 4
    rows = {dither: levels(rgba, depth, dither)[100, :, 0] for dither in (None, 7)}
    # Beside a whole number a run is long all the same: it is no band, its neighbours are exact.
    assert longest_run(rows[7]) <= longest_run(rows[None]) / 2
    assert longest_run(rows[None]) > 80


@pytest.mark.parametrize("depth", DEPTHS)
def test_every_exact_value_stays(depth: str) -> None:
    """All multiples of the step come back bit by bit, whatever the seed."""
    full = FULL[depth]
    grey = np.arange(full + 1, dtype=SAMPLES[depth])
    samples = np.repeat(grey, 4).tobytes()
    layout = Layout("RGBA", depth, "srgb")
    rgba = decode(samples, describe(samples, Size(full + 1, 1), layout))
    for seed in range(4):
        assert encode(rgba, layout, seed) == samples


@pytest.mark.parametrize("depth", DEPTHS)
def test_dither_is_a_matter_of_the_seed_alone(depth: str) -> None:
    """The same seed writes the same bytes, another one others; both within a step."""
    rgba = slope(5, depth, side=600)  # more rows than one strip
    one, again, other = (levels(rgba, depth, seed) for seed in (1, 1, 2))
    assert np.array_equal(one, again)
    assert (one != other).mean() > 0.1
    assert np.abs(one - rgba * FULL[depth]).max() < 1 + 1 / 64
    strips = one[:256] != one[256:512]
    assert strips.mean() > 0.1, "strips do not repeat one another"


def test_full_and_none_stay() -> None:
    """An opaque pixel stays opaque, a transparent one transparent."""
    rgba = np.zeros((64, 64, 4), np.float32)
    rgba[:32, :, 3] = 1
    assert set(np.unique(levels(rgba, "u16", 3))) == {0.0, 65535.0}


def test_floats_are_not_dithered() -> None:
    """They have no steps that could show."""
    rgba = slope(5, "u8")
    layout = Layout("RGBA", "f32", "srgb")
    assert encode(rgba, layout, 1) == encode(rgba, layout)


@given(st.floats(0, 65535, width=32), st.integers(0, 2**32 - 1))
def test_a_value_becomes_a_neighbour(value: float, seed: int) -> None:
    """The whole number below or above, never another."""
    whole = float(to_whole(np.full(1, value, np.float32), np.random.default_rng(seed))[0])
    assert whole in {np.floor(value), np.ceil(value)}
