"""Resampling keeps range, place and identity."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bottega_backend.imaging.resize import Resized, resize
from bottega_backend.imaging.rows import Held
from bottega_protocol.regions import Size

SIDE = st.integers(1, 90)


@settings(max_examples=60, deadline=None)
@given(SIDE, SIDE, SIDE, SIDE, st.sampled_from([(), (1,), (3,), (4,)]))
def test_any_size_becomes_any_size(
    width: int, height: int, new_width: int, new_height: int, channels: tuple[int, ...]
) -> None:
    """The shape is as asked for, the values are finite and in range."""
    array = np.random.default_rng(3).random((height, width, *channels)).astype(np.float32)
    out = resize(array, new_width, new_height)
    assert out.shape == (new_height, new_width, *channels)
    assert out.dtype == np.float32
    assert np.isfinite(out).all()
    assert out.min() >= 0
    assert out.max() <= 1


def test_equal_size_is_the_same_array() -> None:
    """What has the size already is not resampled."""
    array = np.random.default_rng(4).random((9, 7, 3)).astype(np.float32)
    assert resize(array, 7, 9) is array


@pytest.mark.parametrize("size", [(5, 40), (40, 5), (3, 3), (64, 64)])
def test_a_flat_picture_stays_flat(size: tuple[int, int]) -> None:
    """No axis adds light or takes it, shrunk, enlarged or both."""
    flat = np.full((20, 20, 3), 0.37, np.float32)
    assert np.allclose(resize(flat, *size), 0.37, atol=1e-6)


def test_shrinking_by_a_whole_number_is_the_mean_of_blocks() -> None:
    """Area averaging: every old pixel counts once, so the mean stays."""
    array = np.random.default_rng(5).random((24, 36)).astype(np.float32)
    blocks = array.reshape(8, 3, 12, 3).mean(axis=(1, 3))
    assert np.allclose(resize(array, 12, 8), blocks, atol=1e-6)


def test_an_axis_that_keeps_its_length_is_left_alone() -> None:
    """Enlarging the width alone mixes no rows."""
    rows = np.repeat(np.linspace(0, 1, 10, dtype=np.float32)[:, None], 6, axis=1)
    assert np.allclose(resize(rows, 31, 10), rows[:, :1], atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(SIDE, SIDE, SIDE, SIDE, st.data())
def test_any_rows_are_those_of_the_whole(
    width: int, height: int, new_width: int, new_height: int, data: st.DataObject
) -> None:
    """Cut anywhere, and asked for by themselves."""
    array = np.random.default_rng(6).random((height, width, 3)).astype(np.float32)
    top = data.draw(st.integers(0, new_height - 1))
    bottom = data.draw(st.integers(top + 1, new_height))
    found = Resized(Held(array), Size(new_width, new_height)).rows(top, bottom)
    assert np.abs(found - resize(array, new_width, new_height)[top:bottom]).max() < 1e-5


@settings(max_examples=40, deadline=None)
@given(SIDE, SIDE, SIDE, SIDE)
def test_it_is_what_the_library_does(width: int, height: int, w: int, h: int) -> None:
    """cv2 places its kernel in single precision: that is the difference."""
    array = np.random.default_rng(7).random((height, width, 3)).astype(np.float32)
    small = (min(w, width), min(h, height))
    once = cv2.resize(array, small, interpolation=cv2.INTER_AREA)
    twice = cv2.resize(once, (w, h), interpolation=cv2.INTER_LANCZOS4).reshape(h, w, 3)
    assert np.abs(np.clip(twice, 0, 1) - resize(array, w, h)).max() < 1e-4
