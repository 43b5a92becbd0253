"""The grain of a layer is that of the picture around the selection, and nowhere else anything."""

import numpy as np

from bottega_backend.capabilities import layers
from bottega_backend.imaging.rows import Held, whole


def add_grain(painted, original, mask, seed):
    return whole(layers.add_grain(Held(painted), Held(original), Held(mask), seed))


def test_grain_comes_to_what_is_painted_and_ends_a_little_beyond_it():
    random = np.random.default_rng(0)
    original = np.full((600, 600, 3), 0.5, np.float32)
    original += random.normal(0, 0.02, original.shape).astype(np.float32)
    mask = np.zeros((600, 600), np.float32)
    mask[200:320, 200:320] = 1
    painted = np.full(original.shape, 0.5, np.float32)
    found = add_grain(painted, original, mask, 1)
    assert abs(found[200:320, 200:320].std() / 0.02 - 1) < 0.2
    assert np.array_equal(found[:130], painted[:130])
    assert np.array_equal(found, add_grain(painted, original, mask, 1))
    assert not np.array_equal(found, add_grain(painted, original, mask, 2))


def test_without_a_selected_pixel_nothing_changes():
    painted = np.zeros((80, 80, 3), np.float32)
    assert add_grain(painted, painted + 0.5, np.zeros((80, 80), np.float32), 1) is painted
