"""What the model sees: nothing selected is lost, the original is resampled once."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bottega_backend.capabilities import scene as scenes
from bottega_backend.capabilities.scene import CELL, in_pixels
from bottega_backend.imaging.rows import Held
from bottega_protocol.regions import Size

SIDES = st.integers(1, 150)


class InStrips(Held):
    """Five rows at a time."""

    step = 5


def look(rgb, mask, painted):
    return scenes.look(InStrips(rgb), None if mask is None else InStrips(mask), painted)


def cells_of_each(size: int, length: int) -> list[set[int]]:
    """Which cells each of `length` pixels touches, computed one by one."""
    return [
        {
            cell
            for cell in range(size)
            if (cell + 1) * length > i * size and cell * length < (i + 1) * size
        }
        for i in range(length)
    ]


@given(SIDES, SIDES, st.integers(1, 9), st.integers(1, 9), st.data())
def test_one_selected_pixel_opens_the_cells_it_touches_and_no_others(width, height, w, h, data):
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    mask = np.zeros((height, width), np.float32)
    mask[y, x] = 1
    rgb = np.ones((height, width, 3), np.float32)
    cells = look(rgb, mask, Size(w * CELL, h * CELL)).cells
    assert cells.shape == (h, w)
    expected = {
        (row, column)
        for row in cells_of_each(h, height)[y]
        for column in cells_of_each(w, width)[x]
    }
    assert {tuple(place) for place in np.argwhere(cells > 0)} == expected


@pytest.mark.parametrize("size", [(200, 100), (64, 64), (40, 90)], ids=str)
def test_the_original_is_resampled_once(size):
    """The model's picture is one call's worth away from the pixels: by area, or Lanczos."""
    rgb = np.random.default_rng(0).random((*size, 3)).astype(np.float32)
    scene = look(rgb, np.zeros(size, np.float32), Size(64, 64))
    small = cv2.resize(rgb, (min(64, size[1]), min(64, size[0])), interpolation=cv2.INTER_AREA)
    once = cv2.resize(small, (64, 64), interpolation=cv2.INTER_LANCZOS4)
    assert np.abs(scene.rgb - np.clip(once, 0, 1)).max() < 1e-6


def test_at_its_own_size_the_original_is_not_resampled_at_all():
    rgb = np.random.default_rng(0).random((64, 48, 3)).astype(np.float32)
    assert np.array_equal(look(rgb, np.zeros((64, 48), np.float32), Size(48, 64)).rgb, rgb)


def test_without_a_mask_all_of_it_is_painted():
    scene = look(np.ones((8, 16, 3), np.float32), None, Size(32, 16))
    assert scene.cells.shape == (2, 4)
    assert (scene.touched() == 1).all()
    assert (scene.hole() == 1).all()


def test_a_feather_is_context_where_the_original_will_show():
    mask = np.repeat(np.linspace(0, 1, 8, dtype=np.float32), CELL)[np.newaxis].repeat(8, axis=0)
    scene = look(np.ones((8, 64, 3), np.float32), mask, Size(64, 8))
    assert scene.touched()[0].tolist() == [0, 1, 1, 1, 1, 1, 1, 1]
    assert scene.hole()[0].tolist() == [0, 0, 0, 0, 1, 1, 1, 1]


def test_a_selection_that_is_faint_everywhere_has_a_hole_all_the_same():
    mask = np.full((16, 16), 0.1, np.float32)
    mask[:, :8] = 0
    assert look(np.ones((16, 16, 3), np.float32), mask, Size(16, 16)).hole()[0].tolist() == [0, 1]


@given(SIDES, SIDES, st.integers(1, 9), st.integers(1, 9), st.data())
def test_whatever_is_selected_there_is_a_hole_within_what_may_change(width, height, w, h, data):
    seed, density = data.draw(st.integers(0, 99)), data.draw(st.sampled_from([0.001, 0.1, 1.0]))
    values = np.random.default_rng(seed).random((height, width)).astype(np.float32)
    mask = np.where(np.random.default_rng(seed + 1).random((height, width)) < density, values, 0)
    mask[data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))] = 1
    scene = look(np.ones((height, width, 3), np.float32), mask, Size(w * CELL, h * CELL))
    assert scene.hole().any()
    assert (scene.hole() <= scene.touched()).all()


def test_an_edge_is_rounded_to_cells_and_a_thin_line_is_a_hole():
    mask = np.zeros((64, 64), np.float32)
    mask[:, 3:30] = 1  # five eighths of its first cell, six eighths of its last
    mask[:, 17 + 32] = 1
    scene = look(np.ones((64, 64, 3), np.float32), mask, Size(64, 64))
    assert scene.hole()[0].tolist() == [1, 1, 1, 1, 0, 0, 1, 0]
    mask[:, 3:5] = 0
    scene = look(np.ones((64, 64, 3), np.float32), mask, Size(64, 64))
    assert scene.hole()[0].tolist() == [0, 1, 1, 1, 0, 0, 1, 0]
    assert scene.touched()[0].tolist() == [1, 1, 1, 1, 0, 0, 1, 0]


def test_an_empty_mask_hides_nothing():
    scene = look(np.ones((16, 16, 3), np.float32), np.zeros((16, 16), np.float32), Size(16, 16))
    assert scene.hole().sum() == scene.touched().sum() == 0


def test_the_prefill_keeps_what_is_known_and_hides_what_is_not():
    rgb = np.full((64, 64, 3), 0.25, np.float32)
    rgb[16:48, 16:48] = 1.0
    mask = np.zeros((64, 64), np.float32)
    mask[16:48, 16:48] = 1
    filled = look(rgb, mask, Size(64, 64)).prefilled()
    assert np.abs(filled - 0.25).max() < 1e-3


@pytest.mark.parametrize("intent", ["remove", "replace"])
def test_another_intent_puts_something_else_there(intent):
    rgb = np.full((64, 64, 3), 0.25, np.float32)
    rgb[:, 20:44, 0] = np.linspace(0, 1, 24)
    mask = np.zeros((64, 64), np.float32)
    mask[16:48, 16:48] = 1
    scene = look(rgb, mask, Size(64, 64))
    assert np.abs(scene.prefilled(intent) - scene.prefilled("fill")).max() > 0.02
    assert np.array_equal(scene.prefilled(intent)[:16], rgb[:16])


def test_a_cell_has_so_many_pixels():
    assert in_pixels(np.eye(2, dtype=np.float32)).sum() == 2 * CELL * CELL
