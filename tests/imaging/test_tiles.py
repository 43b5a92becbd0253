"""Tiles fade in from their neighbours, keep the tones, and bring detail back where it is true."""

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bottega_backend.imaging.resize import resize
from bottega_backend.imaging.rows import Held, whole
from bottega_backend.imaging.tiles import Fades, carry_detail, keep_tones, weights

FADE = st.integers(0, 40)


@given(st.integers(41, 90), st.integers(41, 90), FADE, FADE, FADE, FADE)
def test_a_tile_counts_fully_inside_and_fades_at_its_sides(width, height, left, top, right, bottom):
    found = weights(width, height, Fades(left, top, right, bottom))
    assert found.shape == (height, width)
    assert found.min() >= 0
    assert found.max() <= 1
    assert (np.diff(found[height // 2, : min(left, width - right)]) >= 0).all()
    assert (found[top : height - bottom, left : width - right] == 1).all()
    for fade, edge in (
        (left, found[:, 0]),
        (top, found[0]),
        (right, found[:, -1]),
        (bottom, found[-1]),
    ):
        assert fade < 4 or edge.max() < 0.1


def test_a_tile_that_fades_nowhere_counts_everywhere():
    assert (weights(16, 8, Fades()) == 1).all()


def test_a_drift_in_tone_is_taken_back_and_detail_is_kept():
    before = np.full((64, 64, 3), 0.4, np.float32)
    detail = np.random.default_rng(0).normal(0, 0.02, (64, 64, 3)).astype(np.float32)
    kept = keep_tones(before + 0.1 + detail, before, 8)
    assert np.abs(cv2.blur(kept, (32, 32))[32, 32] - 0.4).max() < 2e-3
    assert abs(kept.std() / detail.std() - 1) < 0.05


def test_what_was_not_changed_comes_back_with_all_its_detail():
    original = np.random.default_rng(0).random((96, 64, 3)).astype(np.float32)
    seen = resize(original, 16, 24)
    assert np.abs(whole(carry_detail(seen, seen, Held(original))) - original).max() < 1e-6


def test_what_was_changed_keeps_nothing_of_the_old():
    original = np.random.default_rng(0).random((96, 64, 3)).astype(np.float32) * 0.2
    seen = resize(original, 16, 24)
    other = np.full(seen.shape, 0.9, np.float32)
    assert np.abs(whole(carry_detail(other, seen, Held(original))) - 0.9).max() < 1e-3
