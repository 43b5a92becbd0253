"""Masks are read, bounded and softened."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bottega_backend.imaging.masks import bounds, decode_mask, feather
from bottega_backend.imaging.rows import Held
from bottega_protocol.images import MASK, describe
from bottega_protocol.regions import Rectangle, Size


def test_a_mask_is_read_as_coverage() -> None:
    """0, 128 and 255 become 0, 128/255 and 1, in the rows' order."""
    data = bytes([0, 128, 255, 0, 0, 255])
    mask = decode_mask(data, describe(data, Size(3, 2), MASK))
    assert mask.shape == (2, 3)
    assert np.array_equal(mask[0], np.array([0, 128, 255], np.float32) / np.float32(255))


@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 20)), min_size=1, max_size=6),
    st.integers(1, 255),
)
def test_bounds_are_tight(points: list[tuple[int, int]], value: int) -> None:
    """Every selected pixel lies inside, and each side touches one."""
    mask = np.zeros((21, 31), np.float32)
    for x, y in points:
        mask[y, x] = value
    xs, ys = [x for x, _ in points], [y for _, y in points]
    assert bounds(Held(mask)) == Rectangle(
        min(xs), min(ys), max(xs) - min(xs) + 1, max(ys) - min(ys) + 1
    )


def test_an_empty_mask_has_no_bounds() -> None:
    """Nothing selected is nothing, not a rectangle of size 0."""
    assert bounds(Held(np.zeros((4, 5), np.float32))) is None


def test_feathering_softens_the_edge_and_keeps_the_range() -> None:
    """Far inside stays 1, far outside 0, the edge itself is a half."""
    mask = np.zeros((60, 200), np.float32)
    mask[:, 100:] = 1
    soft = feather(mask, 10)
    assert np.allclose(soft[:, 170:], 1, atol=1e-5)
    assert np.allclose(soft[:, :30], 0, atol=1e-5)
    assert np.allclose(soft[:, 99] + soft[:, 100], 1, atol=1e-5)
    assert np.array_equal(feather(mask, 0), mask)


def test_a_mask_that_touches_the_border_stays_full_there() -> None:
    """The picture's border is no edge of the selection."""
    assert np.allclose(feather(np.ones((30, 30), np.float32), 12), 1, atol=1e-6)
