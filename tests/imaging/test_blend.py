"""A layer is laid over a picture in whole numbers, and outside the mask every bit stays."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bottega_backend.imaging.blend import composite, on_paper
from bottega_protocol.regions import Rectangle

DEPTH = st.sampled_from([np.uint8, np.uint16])


def pixels(rng: np.random.Generator, kind: type, *shape: int) -> np.ndarray:
    return rng.integers(0, np.iinfo(kind).max, shape, kind, endpoint=True)


def picture_mask(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    mask = pixels(rng, np.uint8, height, width)
    mask[rng.random(mask.shape) < 0.4] = 0
    mask[rng.random(mask.shape) < 0.3] = 255
    return mask


@settings(max_examples=60, deadline=None)
@given(
    DEPTH,
    st.integers(1, 4),
    st.sampled_from([3, 4]),
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.tuples(st.integers(-15, 45), st.integers(-15, 45)),
    st.integers(0, 9999),
)
def test_outside_the_mask_every_bit_stays(
    kind: type,
    channels: int,
    layer_channels: int,
    size: tuple[int, int],
    place: tuple[int, int],
    seed: int,
) -> None:
    """Any depth, any channels, any place, also over the picture's edge."""
    rng = np.random.default_rng(seed)
    original = pixels(rng, kind, 30, 33, channels)
    before = original.copy()
    layer = pixels(rng, kind, *size, layer_channels)
    mask = picture_mask(rng, *size)
    out = composite(original, layer, mask, Rectangle(*place, size[1], size[0]))
    whole = np.zeros((30 + 200, 33 + 200), np.uint8)
    whole[100 + place[1] : 100 + place[1] + size[0], 100 + place[0] : 100 + place[0] + size[1]] = (
        mask
    )
    outside = whole[100:130, 100:133] == 0
    assert out.dtype == original.dtype
    assert np.array_equal(out[outside], original[outside])
    assert np.array_equal(original, before), "the argument is left alone"


@settings(max_examples=30, deadline=None)
@given(DEPTH, st.integers(0, 9999))
def test_opaque_pixels_mix_to_the_nearest_whole_number(kind: type, seed: int) -> None:
    """`original * (1 - m) + layer * m`, judged with fractions; mask 255 is the layer exactly."""
    rng = np.random.default_rng(seed)
    original, layer = pixels(rng, kind, 6, 7, 3), pixels(rng, kind, 6, 7, 3)
    mask = picture_mask(rng, 6, 7)
    out = composite(original, layer, mask, Rectangle(0, 0, 7, 6))
    for y in range(6):
        for x in range(7):
            share = Fraction(int(mask[y, x]), 255)
            for c in range(3):
                exact = int(original[y, x, c]) * (1 - share) + int(layer[y, x, c]) * share
                assert abs(int(out[y, x, c]) - exact) < Fraction(1, 2)
    assert np.array_equal(out[mask == 255], layer[mask == 255])


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_an_opaque_layer_shows_alike_over_rgb_and_opaque_rgba(kind: type) -> None:
    """An opaque alpha changes nothing and stays opaque."""
    rng = np.random.default_rng(7)
    original, layer = pixels(rng, kind, 9, 9, 3), pixels(rng, kind, 9, 9, 3)
    mask = picture_mask(rng, 9, 9)
    full = np.full((9, 9, 1), np.iinfo(kind).max, kind)
    rectangle = Rectangle(0, 0, 9, 9)
    plain = composite(original, layer, mask, rectangle)
    both = composite(
        np.concatenate((original, full), 2), np.concatenate((layer, full), 2), mask, rectangle
    )
    assert np.array_equal(both[..., :3], plain)
    assert (both[..., 3] == np.iinfo(kind).max).all()


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_over_transparency_the_layer_keeps_its_colour(kind: type) -> None:
    """Nothing below: the layer's colour, with the mask as its alpha."""
    full = np.iinfo(kind).max
    original = np.zeros((1, 3, 4), kind)
    original[..., :3] = full // 3
    layer = np.full((1, 3, 4), full, kind)
    layer[..., :3] = full // 5
    mask = np.array([[0, 128, 255]], np.uint8)
    out = composite(original, layer, mask, Rectangle(0, 0, 3, 1))
    assert np.array_equal(out[0, 0], original[0, 0])
    assert (out[0, 1:, :3] == full // 5).all()
    assert out[0, 2, 3] == full
    assert out[0, 1, 3] == round(128 * full / 255)


@settings(max_examples=20, deadline=None)
@given(DEPTH, st.integers(0, 9999))
def test_transparent_pixels_follow_straight_alpha_over(kind: type, seed: int) -> None:
    """Within half a level of the exact "over", in colour and alpha."""
    rng = np.random.default_rng(seed)
    full = int(np.iinfo(kind).max)
    original, layer = pixels(rng, kind, 3, 4, 4), pixels(rng, kind, 3, 4, 4)
    mask = rng.integers(1, 255, (3, 4), np.uint8, endpoint=True)
    out = composite(original, layer, mask, Rectangle(0, 0, 4, 3))
    for y in range(3):
        for x in range(4):
            above = Fraction(int(mask[y, x]), 255) * Fraction(int(layer[y, x, 3]), full)
            below = Fraction(int(original[y, x, 3]), full) * (1 - above)
            assert abs(int(out[y, x, 3]) - (above + below) * full) <= Fraction(1, 2)
            for c in range(3):
                mixed = int(layer[y, x, c]) * above + int(original[y, x, c]) * below
                if above + below:
                    exact = mixed / (above + below)
                    assert abs(int(out[y, x, c]) - exact) <= Fraction(1, 2)


def test_a_grey_picture_stays_grey() -> None:
    """Grey paint keeps its value; the picture keeps its one channel."""
    original = np.full((4, 4, 1), 10, np.uint8)
    layer = np.full((4, 4, 4), 255, np.uint8)
    layer[..., :3] = 77
    out = composite(original, layer, np.full((4, 4), 255, np.uint8), Rectangle(0, 0, 4, 4))
    assert out.shape == (4, 4, 1)
    assert (out == 77).all()


def test_large_pictures_are_laid_in_strips_without_a_seam() -> None:
    """Rows beyond one strip are mixed as the first ones are."""
    original = np.full((700, 3, 3), 100, np.uint8)
    layer = np.full((600, 3, 3), 200, np.uint8)
    out = composite(original, layer, np.full((600, 3), 128, np.uint8), Rectangle(0, 50, 3, 600))
    assert (out[50:650] == 150).all()
    assert (out[:50] == 100).all()
    assert (out[650:] == 100).all()


def test_a_layer_beside_the_picture_changes_nothing() -> None:
    """No common pixel, no change."""
    original = np.full((4, 4, 3), 9, np.uint8)
    layer, mask = np.zeros((2, 2, 3), np.uint8), np.full((2, 2), 255, np.uint8)
    assert np.array_equal(composite(original, layer, mask, Rectangle(10, 10, 2, 2)), original)


def test_transparency_is_shown_to_a_model_as_white_paper() -> None:
    """Alpha 0 is white, alpha 1 the colour, a half in between."""
    rgba = np.array([[[0.2, 0.4, 0.6, 0], [0.2, 0.4, 0.6, 1], [0.2, 0.4, 0.6, 0.5]]], np.float32)
    wanted = np.array([[[1, 1, 1], [0.2, 0.4, 0.6], [0.6, 0.7, 0.8]]])
    assert np.allclose(on_paper(rgba), wanted, atol=1e-6)
