"""A cast is measured on unmasked pixels only, and taken off completely."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bottega_backend.imaging.colour import GAINS, LEAST_PIXELS, match


def scene(seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (0.3 + 0.4 * rng.random((48, 64, 3))).astype(np.float32)


def half_mask(share: float) -> np.ndarray:
    mask = np.zeros((48, 64), np.float32)
    mask[:, : round(64 * share)] = 1
    return mask


@settings(max_examples=40, deadline=None)
@given(
    st.tuples(*[st.floats(0.85, 1.2)] * 3),
    st.tuples(*[st.floats(-0.08, 0.08)] * 3),
    st.sampled_from([0.3, 0.5, 0.7, 0.9, 0.97]),
)
def test_a_cast_is_taken_off_completely(
    gain: tuple[float, ...], shift: tuple[float, ...], share: float
) -> None:
    """However much is masked, the means and contrasts outside come back."""
    original = scene()
    mask = half_mask(share)
    painted = (((original - shift) - 0.5) / gain + 0.5).astype(np.float32)
    matched = match(painted, original, mask)
    kept = mask == 0
    assert np.abs(matched[kept].mean(axis=0) - original[kept].mean(axis=0)).max() <= 1e-4
    assert np.abs(matched - original).max() <= 1e-4, "also under the mask, with the same cast"


def test_a_lying_statistic_would_be_seen() -> None:
    """Counter-proof: the cast of these tests is far above their tolerance."""
    original = scene()
    painted = original + np.float32(0.05)
    assert np.abs(painted.mean() - original.mean()) > 1e-2


def test_masked_pixels_do_not_count() -> None:
    """Other pixels under the mask, in either picture: the same correction outside."""
    original, mask = scene(), half_mask(0.5)
    painted = scene() * np.float32(0.9) + np.float32(0.02)
    other_painted, other_original = painted.copy(), original.copy()
    other_painted[mask == 1] = 0.99
    other_original[mask == 1] = np.float32(0.01)
    kept = mask == 0
    one = match(painted, original, mask)
    other = match(other_painted, other_original, mask)
    assert np.array_equal(one[kept], other[kept])


def test_feathered_pixels_do_not_count_either() -> None:
    """Only mask 0 is measured: half-painted pixels show something else."""
    original, mask = scene(), half_mask(0.5)
    mask[:, 30:36] = 0.01
    painted = original.copy()
    painted[:, 30:36] = 1
    assert np.allclose(match(painted, original, mask)[mask == 0], original[mask == 0], atol=1e-6)


@pytest.mark.parametrize("unmasked", [0, 1, LEAST_PIXELS - 1])
def test_too_few_unmasked_pixels_change_nothing(unmasked: int) -> None:
    """A handful of pixels is no evidence."""
    mask = np.ones((48, 64), np.float32)
    mask.reshape(-1)[:unmasked] = 0
    painted = scene(1)
    assert match(painted, scene(), mask) is painted


def test_flat_pictures_are_shifted_without_gain() -> None:
    """Without contrast there is nothing to divide by, and nothing becomes infinite."""
    original = np.full((20, 20, 3), 0.4, np.float32)
    painted = np.full((20, 20, 3), 0.5, np.float32)
    assert np.allclose(match(painted, original, np.zeros((20, 20), np.float32)), original)


def test_contrast_is_changed_within_limits() -> None:
    """Another picture altogether is not stretched to the original's contrast."""
    original, mask = scene(), half_mask(0.3)
    painted = (0.5 + (original - 0.5) * 0.1).astype(np.float32)
    matched = match(painted, original, mask)
    assert (np.ptp(matched, (0, 1)) <= np.ptp(painted, (0, 1)) * GAINS[1] + 1e-4).all()
    assert np.isfinite(matched).all()
