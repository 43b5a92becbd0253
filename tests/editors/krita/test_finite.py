"""Samples that hold no number are found in Krita's floating-point pixels, without numpy there."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

PLUGIN = Path(__file__).parents[3] / "krita_plugin/bottega_krita"


@pytest.fixture(scope="module")
def made_finite():
    """The plug-in's function; the package around it can be imported in Krita only."""
    spec = importlib.util.spec_from_file_location("finite", PLUGIN / "finite.py")
    module = importlib.util.module_from_spec(spec)
    # Where dataclasses look for the module that they are made in.
    sys.modules["finite"] = module
    try:
        spec.loader.exec_module(module)
        yield module.made_finite
    finally:
        del sys.modules["finite"]


@pytest.mark.parametrize("samples", [2, 4, 5])
@pytest.mark.parametrize(("depth", "kind", "bits"), [("F16", "<f2", "<u2"), ("F32", "<f4", "<u4")])
def test_every_pattern_of_bits_is_kept_or_counted_and_replaced(
    made_finite, depth, kind, bits, samples
):
    random = np.random.default_rng(0)
    pixels = random.integers(0, 2 ** (8 * np.dtype(bits).itemsize), (40_000, samples), dtype=bits)
    pixels = pixels.view(kind)
    limits = np.finfo(kind)
    odd = [np.nan, -np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0, limits.max, limits.min, limits.tiny]
    pixels[::7] = random.choice(np.array(odd, kind), pixels[::7].shape)
    numbers = np.isfinite(pixels)
    mended, count = made_finite(pixels.tobytes(), depth, samples)
    got = np.frombuffer(mended, kind).reshape(pixels.shape)
    assert count == (~numbers.all(axis=1)).sum() > 1000
    assert np.array_equal(got.view(bits)[numbers], pixels.view(bits)[numbers])
    assert (got[~numbers] == (pixels[~numbers] == np.inf)).all()


def test_whole_numbers_and_clean_pixels_are_handed_back_untouched(made_finite):
    clean = np.linspace(-9, 9, 4000, dtype="<f4").tobytes()
    for depth in ("U8", "U16", "F32"):
        pixels, count = made_finite(clean, depth, 4)
        assert pixels is clean
        assert count == 0
