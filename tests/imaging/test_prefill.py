"""The masked area is filled from its surroundings and from nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bottega_backend.imaging.prefill import GREY, prefill


def noise(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((height, width, 3)).astype(np.float32)


@settings(max_examples=80, deadline=None)
@given(
    st.integers(1, 70),
    st.integers(1, 70),
    st.sampled_from(["dot", "islands", "edge", "all", "none", "soft"]),
    st.integers(0, 999),
)
def test_any_mask_gives_finite_colours_and_leaves_the_rest(
    width: int, height: int, kind: str, seed: int
) -> None:
    """Unmasked pixels are bit-identical, all values are finite and in range."""
    rng = np.random.default_rng(seed)
    mask = np.zeros((height, width), np.float32)
    if kind == "dot":
        mask[rng.integers(height), rng.integers(width)] = 1
    elif kind == "islands":
        mask[rng.random(mask.shape) < 0.5] = 1
    elif kind == "edge":
        mask[:, width // 2 :] = 1
    elif kind == "all":
        mask[:] = 1
    elif kind == "soft":
        mask[:] = rng.random(mask.shape)
    rgb = noise(height, width, seed)
    filled = prefill(rgb, mask)
    assert filled.dtype == np.float32
    assert filled.shape == rgb.shape
    assert np.array_equal(filled[mask == 0], rgb[mask == 0])
    assert np.isfinite(filled).all()
    assert filled.min() >= 0
    assert filled.max() <= 1


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 999))
def test_what_lay_under_the_mask_does_not_show(seed: int) -> None:
    """Two pictures that differ only under the mask are filled the same."""
    mask = np.zeros((50, 60), np.float32)
    mask[10:40, 15:45] = 1
    one, other = noise(50, 60, seed), noise(50, 60, seed)
    other[mask == 1] = noise(50, 60, seed + 1)[mask == 1]
    assert np.array_equal(prefill(one, mask), prefill(other, mask))


def test_everything_masked_is_mid_grey() -> None:
    """Where nothing is known, nothing is invented."""
    assert np.allclose(prefill(noise(33, 17), np.ones((33, 17), np.float32)), GREY)


def test_a_flat_surrounding_is_continued_flat() -> None:
    """One colour around gives that colour inside, wherever the mask lies."""
    colour = np.array([0.2, 0.5, 0.9], np.float32)
    rgb = np.broadcast_to(colour, (64, 80, 3)).copy()
    for rows, columns in ((slice(20, 50), slice(20, 60)), (slice(0, 30), slice(0, 80))):
        mask = np.zeros((64, 80), np.float32)
        mask[rows, columns] = 1
        rgb_under = rgb.copy()
        rgb_under[rows, columns] = 0
        assert np.allclose(prefill(rgb_under, mask), rgb, atol=1e-5)


def test_colours_spread_from_their_own_side() -> None:
    """Between a dark left and a light right the fill rises from left to right."""
    rgb = np.zeros((64, 64, 3), np.float32)
    rgb[:, 32:] = 1
    mask = np.zeros((64, 64), np.float32)
    mask[8:56, 8:56] = 1
    filled = prefill(rgb, mask)[32, 8:56, 0]
    assert filled[0] < 0.25
    assert filled[-1] > 0.75
    assert np.diff(filled).min() > -0.02


@pytest.mark.parametrize("share", [0.25, 0.5])
def test_half_masked_pixels_are_half_their_own(share: float) -> None:
    """A soft mask mixes the original with what surrounds it."""
    rgb = np.zeros((9, 9, 3), np.float32)
    rgb[4, 4] = 1
    mask = np.zeros((9, 9), np.float32)
    mask[4, 4] = share
    assert 1 - share <= prefill(rgb, mask)[4, 4, 0] <= 1 - share * share + 1e-6
