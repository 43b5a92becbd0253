"""Pixels of every layout are read and written without loss."""

from __future__ import annotations

import hashlib
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bottega_backend.imaging.pixels import SAMPLES, decode, decode_srgb, encode, encode_srgb
from bottega_protocol.errors import BadMessage
from bottega_protocol.images import CHANNELS, DEPTHS, SPACES, Image, Layout, describe
from bottega_protocol.regions import Size

LAYOUTS = [
    Layout(channels, depth, space) for channels in CHANNELS for depth in DEPTHS for space in SPACES
]
IDS = [f"{layout.channels}-{layout.depth}-{layout.space}" for layout in LAYOUTS]


def samples(layout: Layout, size: Size, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    shape = (size.height, size.width, CHANNELS[layout.channels])
    if layout.depth in ("u8", "u16"):
        kind = np.dtype(SAMPLES[layout.depth])
        return rng.integers(0, np.iinfo(kind).max, shape, kind, endpoint=True)
    return rng.random(shape).astype(SAMPLES[layout.depth])


@pytest.mark.parametrize("layout", LAYOUTS, ids=IDS)
def test_what_is_read_is_written_back(layout: Layout) -> None:
    """Integers return bit by bit, and so do sRGB floats; linear floats to seven digits."""
    size = Size(19, 13)
    before = samples(layout, size, 1)
    data = before.tobytes()
    back = encode(decode(data, describe(data, size, layout)), layout)
    if layout.depth in ("u8", "u16") or layout.space == "srgb":
        assert back == data
    else:
        after = np.frombuffer(back, SAMPLES[layout.depth]).reshape(before.shape)
        steps = 1e-6 if layout.depth == "f32" else 1e-3
        assert np.allclose(after.astype(float), before.astype(float), atol=steps)


@pytest.mark.parametrize("depth", ["u8", "u16"])
@pytest.mark.parametrize("space", SPACES)
def test_every_integer_value_returns(depth: str, space: str) -> None:
    """No value of an integer depth is lost, also through the linear curve."""
    kind = np.dtype(SAMPLES[depth])
    values = np.arange(np.iinfo(kind).max + 1).astype(kind)
    data = np.repeat(values, 3).tobytes()
    image = describe(data, Size(256, len(values) // 256), Layout("RGB", depth, space))
    assert encode(decode(data, image), image.layout) == data


@given(st.binary(min_size=4 * 6, max_size=4 * 6))
def test_any_float_bytes_become_finite_colours(data: bytes) -> None:
    """Infinities, NaN and values out of range never pass."""
    for layout in (Layout("RGB", "f32"), Layout("RGB", "f32", "linear"), Layout("RGB", "f16")):
        width = 6 // 3 * 4 // DEPTHS[layout.depth]
        rgba = decode(data, describe(data, Size(width, 1), layout))
        assert rgba.dtype == np.float32
        assert np.isfinite(rgba).all()
        assert rgba.min() >= 0
        assert rgba.max() <= 1


def test_faulty_floats_are_replaced_as_described() -> None:
    """NaN and -inf become 0, +inf and values above 1 become 1."""
    data = np.array([np.nan, np.inf, -np.inf, 2.0, -1.0, 0.25], "<f4").tobytes()
    rgba = decode(data, describe(data, Size(6, 1), Layout("GRAY", "f32")))
    assert rgba[0, :, 0].tolist() == [0, 1, 0, 1, 0, 0.25]


def test_channels_land_where_their_names_say() -> None:
    """BGRA is turned round, grey is spread, a missing alpha is opaque."""
    rows = {
        "RGBA": ([51, 102, 153, 204], [51, 102, 153, 204]),
        "BGRA": ([51, 102, 153, 204], [153, 102, 51, 204]),
        "RGB": ([51, 102, 153], [51, 102, 153, 255]),
        "GRAYA": ([51, 102], [51, 51, 51, 102]),
        "GRAY": ([51], [51, 51, 51, 255]),
    }
    for channels, (stored, wanted) in rows.items():
        data = bytes(stored)
        rgba = decode(data, describe(data, Size(1, 1), Layout(channels, "u8")))
        assert np.allclose(rgba[0, 0] * 255, wanted)


def test_linear_light_is_brought_to_the_srgb_curve() -> None:
    """Linear 0.2140 is sRGB 0.5, alpha stays, and the curve's inverse undoes it."""
    data = np.array([0.21404114, 0.21404114, 0.21404114, 0.5], "<f4").tobytes()
    rgba = decode(data, describe(data, Size(1, 1), Layout("RGBA", "f32", "linear")))
    assert np.allclose(rgba[0, 0], 0.5, atol=1e-6)
    ramp = np.linspace(0, 1, 1001, dtype=np.float32)
    assert np.allclose(decode_srgb(encode_srgb(ramp)), ramp, atol=1e-6)


def test_halves_are_rounded_up_and_excess_is_clipped() -> None:
    """0.5 of 255 is 127.5, which is stored as 128; NaN is stored as 0."""
    rgba = np.array([[[0.5, -3.0, 7.0, np.nan]]], np.float32)
    assert list(encode(rgba, Layout("RGBA", "u8"))) == [128, 0, 255, 0]


def test_encoding_leaves_its_argument_alone() -> None:
    """The caller's array is not written to."""
    rgba = np.full((2, 2, 4), 0.3, np.float32)
    encode(rgba, Layout("RGBA", "u8", "linear"))
    assert (rgba == np.float32(0.3)).all()


def test_bytes_that_do_not_fill_the_size_are_refused() -> None:
    """A short blob never becomes a picture."""
    image = Image(2, 2, "RGBA", "u8", hashlib.sha256(b"").digest())
    with pytest.raises(BadMessage):
        decode(bytes(15), image)


@pytest.mark.parametrize("layout", [Layout("BGRA", "u16"), Layout("RGBA", "f32", "linear")])
def test_a_tall_picture_goes_both_ways_in_little_more_memory_than_it_takes(layout: Layout) -> None:
    """Strip by strip: at 64 Mi pixels every copy of the whole would be another gigabyte."""
    size = Size(64, 4100)
    values = samples(layout, size, 0)
    image = describe(values.tobytes(), size, layout)
    tracemalloc.start()
    rgba = decode(values.tobytes(), image)
    reading = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    held = tracemalloc.get_traced_memory()[0]
    data = encode(rgba, layout)
    writing = tracemalloc.get_traced_memory()[1] - held
    tracemalloc.stop()
    assert reading < 2 * rgba.nbytes + image.byte_count
    assert writing < 2.5 * image.byte_count
    back = np.frombuffer(data, SAMPLES[layout.depth]).reshape(values.shape)
    if layout.depth == "u16":
        assert np.array_equal(back, values)
    else:
        assert np.abs(back - values).max() < 1e-5
