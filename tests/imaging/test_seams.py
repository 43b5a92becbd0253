"""A selection's edge is eased inwards only, and grown by exactly what was asked."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bottega_backend.imaging import seams
from bottega_backend.imaging.rows import Held, whole
from bottega_backend.imaging.seams import Borders, automatic_feather
from bottega_protocol.regions import Rectangle, Size

ALL = Borders(left=True, top=True, right=True, bottom=True)


def square(side: int = 60, margin: int = 10) -> np.ndarray:
    mask = np.zeros((side, side), np.float32)
    mask[margin : side - margin, margin : side - margin] = 1
    return mask


def soften(mask: np.ndarray, feather: int, borders: Borders) -> np.ndarray:
    return whole(seams.soften(Held(mask), feather, borders))


def grow(mask: np.ndarray, pixels: int) -> np.ndarray:
    return whole(seams.grow(Held(mask), pixels))


class InStrips(Held):
    """Seven rows at a time."""

    step = 7


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([1, 3, 16, 31, 32, 64, 100]), st.integers(0, 40), st.integers(0, 9999))
def test_in_strips_an_edge_is_what_it_is_at_once(feather: int, pixels: int, seed: int) -> None:
    """Grown and softened, whatever lies beside the strip that is looked at."""
    mask = any_mask(np.random.default_rng(seed), 120, 90)
    borders = Borders(*(bool(v) for v in np.random.default_rng(seed).integers(0, 2, 4)))
    found = seams.soften(seams.grow(InStrips(mask), pixels), feather, borders)
    at_once = soften(grow(mask, pixels), feather, borders)
    parts = [found.rows(top, min(top + 7, 120)) for top in range(0, 120, 7)]
    assert np.abs(np.concatenate(parts) - at_once).max() < 1e-6


def any_mask(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Blobs, lines and dots, hard and soft."""
    mask = np.zeros((height, width), np.uint8)
    for _ in range(rng.integers(1, 5)):
        at = tuple(int(v) for v in rng.integers(0, [width, height]))
        to = tuple(int(v) for v in rng.integers(0, [width, height]))
        cv2.line(mask, at, to, int(rng.integers(1, 256)), int(rng.integers(1, 12)))
    if rng.random() < 0.4:
        mask = cv2.GaussianBlur(mask, (0, 0), 2.0)
    return (mask / np.float32(255)).astype(np.float32)


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 90), st.integers(0, 9999))
def test_nothing_rises_and_nothing_outside_is_reached(
    width: int, height: int, feather: int, seed: int
) -> None:
    """Whatever the mask: 0 stays 0, nothing is above it, all is finite."""
    rng = np.random.default_rng(seed)
    mask = any_mask(rng, height, width)
    borders = Borders(*(bool(v) for v in rng.integers(0, 2, 4)))
    soft = soften(mask, feather, borders)
    assert soft.dtype == np.float32
    assert soft.shape == mask.shape
    assert np.isfinite(soft).all()
    assert (soft <= mask).all()
    assert (soft >= 0).all()


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 128), st.integers(0, 9999))
def test_no_part_of_a_selection_vanishes(feather: int, seed: int) -> None:
    """However thin it is and whatever lies beside it: every part keeps half of its peak."""
    mask = any_mask(np.random.default_rng(seed), 70, 90)
    hard = (mask > 0).astype(np.float32)
    soft = soften(hard, feather, Borders())
    count, parts = cv2.connectedComponents(hard.astype(np.uint8), connectivity=8)
    for part in range(1, count):
        assert soft[parts == part].max() >= 0.5


@pytest.mark.parametrize("feather", [1, 4, 8, 15, 40, 77, 128])
def test_a_straight_edge_rises_over_the_feather(feather: int) -> None:
    """From nearly nothing at the edge to all of it, never falling, a half in the middle."""
    side = 4 * feather + 80
    row = soften(square(side), feather, Borders())[side // 2, 10 : side // 2]
    assert (np.diff(row) >= 0).all()
    assert (row[:feather] < 1).all()
    assert (row[feather:] == 1).all()
    assert row[0] <= 0.5
    assert row[feather // 2] == pytest.approx(0.5, abs=0.2)


def test_no_feather_leaves_the_mask_as_it_is() -> None:
    """0 means a hard edge, and nothing selected stays nothing."""
    mask = square()
    assert soften(mask, 0, Borders()) is mask
    empty = np.zeros((4, 4), np.float32)
    assert soften(empty, 9, Borders()) is empty


def test_the_canvas_border_is_no_edge() -> None:
    """Where the canvas ends nothing joins: full there, soft on the other sides."""
    mask = np.ones((40, 40), np.float32)
    assert (soften(mask, 10, ALL) == 1).all()
    soft = soften(mask, 10, Borders(left=True, top=True))
    assert (soft[:25, :25] == 1).all()
    assert soft[0, -1] < 0.1
    assert soft[-1, 0] < 0.1


def test_sides_are_on_the_border_by_their_place_on_the_canvas() -> None:
    """Each side on its own."""
    canvas = Size(100, 80)
    assert Borders.of(Rectangle(0, 0, 100, 80), canvas) == ALL
    assert Borders.of(Rectangle(1, 0, 98, 79), canvas) == Borders(top=True)
    assert Borders.of(Rectangle(1, 1, 99, 79), canvas) == Borders(right=True, bottom=True)


@pytest.mark.parametrize("width", [1, 2, 3, 4, 7])
def test_a_thin_line_keeps_its_middle(width: int) -> None:
    """A feather that is wider than the line is cut to half of its width."""
    mask = np.zeros((80, 60), np.float32)
    mask[:, 20 : 20 + width] = 1
    soft = soften(mask, 40, Borders(top=True, bottom=True))
    assert soft[40, 20 : 20 + width].max() == 1


def test_a_thin_line_beside_a_thick_part_keeps_its_middle() -> None:
    """What lies near, but does not touch, does not count."""
    mask = square(200, 40)
    mask[20:180, 33] = 1
    soft = soften(mask, 30, Borders())
    assert soft[100, 33] == 1
    assert soft[100, 41] < 0.1


def test_a_thick_part_is_softened_over_all_of_the_feather() -> None:
    """Also where a thin one touches it, far from there."""
    mask = square(200, 40)
    mask[98:103, 160:] = 1
    soft, alone = soften(mask, 20, Borders()), soften(square(200, 40), 20, Borders())
    assert np.array_equal(soft[:, :130], alone[:, :130])
    assert soft[100, 160:].max() > 0.7


def test_corners_are_rounded_and_nowhere_hard() -> None:
    """Along the outline every pixel is nearly nothing, for a narrow feather and a wide one."""
    for feather in (12, 100):
        side = 5 * feather
        soft = soften(np.ones((side, side), np.float32), feather, Borders())
        outline = np.concatenate((soft[0], soft[-1], soft[:, 0], soft[:, -1]))
        assert outline.max() < 0.25
        assert np.median(outline) < 0.05
        assert np.abs(np.diff(soft, axis=0)).max() < 0.25


def test_an_edge_that_is_soft_already_stays() -> None:
    """As soft as asked: hardly changed; a hard one of the same size is."""
    hard = square(200, 60)
    soft = cv2.GaussianBlur(hard, (0, 0), 12)
    assert np.abs(soften(soft, 10, Borders()) - soft).max() < 0.02
    assert np.abs(soften(hard, 10, Borders()) - hard).max() > 0.9


def test_a_faint_selection_stays_faint_inside() -> None:
    """Its edge rises to its own peak over the whole feather."""
    soft = soften(square(100) * np.float32(0.3), 10, Borders())
    full = soften(square(100), 10, Borders())
    assert np.allclose(soft, full * np.float32(0.3), atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 40), st.integers(0, 9999))
def test_growing_reaches_exactly_so_far(pixels: int, seed: int) -> None:
    """Full within the distance, 0 beyond, judged pixel by pixel."""
    rng = np.random.default_rng(seed)
    mask = (any_mask(rng, 40, 50) > 0).astype(np.float32)
    grown = grow(mask, pixels)
    ys, xs = np.nonzero(mask)
    rows, columns = np.mgrid[:40, :50]
    nearest = np.full((40, 50), np.inf)
    for y, x in zip(ys, xs, strict=True):
        nearest = np.minimum(nearest, np.hypot(rows - y, columns - x))
    clear = np.abs(nearest - pixels) > 1e-3
    assert np.array_equal((grown > 0)[clear], (nearest <= pixels)[clear])
    assert set(np.unique(grown)) <= {0.0, 1.0}


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 20), st.integers(0, 9999))
def test_a_soft_selection_grows_with_its_softness(pixels: int, seed: int) -> None:
    """Nothing falls, the peak is the same, and it is the greatest nearby to one step."""
    mask = any_mask(np.random.default_rng(seed), 40, 50)
    grown = grow(mask, pixels)
    assert (grown >= mask).all()
    assert grown.max() == mask.max()
    rows, columns = np.mgrid[-pixels : pixels + 1, -pixels : pixels + 1]
    disc = (np.hypot(rows, columns) <= pixels).astype(np.uint8)
    assert (cv2.dilate(mask, disc) - grown).max() <= mask.max() / 16 + 1e-6


def test_the_automatic_feather_follows_size_and_strength() -> None:
    """Larger is softer, a weak painting needs less, small ones stay hard, there is an end."""
    assert automatic_feather(Size(1, 1), 1.0) == 0
    assert automatic_feather(Size(11, 400), 1.0) == 0
    assert automatic_feather(Size(256, 900), 1.0) == 21
    assert automatic_feather(Size(256, 900), 0.0) == 10
    assert automatic_feather(Size(8192, 8192), 1.0) == 128
