"""Small pictures of results, against numpy."""

import numpy as np
import pytest

from bottega_client.editor import LayerPixels
from bottega_client.thumbnails import thumbnail
from bottega_protocol.images import Layout, describe
from bottega_protocol.regions import Rectangle, Size
from bottega_protocol.results import Layer
from bottega_protocol.thumbnails import NoPicture


def layer_of(values, channels="RGBA"):
    """Samples (height, width, channels) as a layer."""
    height, width = values.shape[:2]
    size = Size(width, height)
    layout = Layout(channels, {1: "u8", 2: "u16", 4: "f32"}[values.itemsize])
    pixels = values.tobytes()
    layer = Layer("a", Rectangle(0, 0, width, height), describe(pixels, size, layout))
    return LayerPixels(layer, pixels, None)


def noise(height, width, kind=np.uint8, alpha=None):
    values = np.random.default_rng(5).integers(0, np.iinfo(kind).max, (height, width, 4), kind)
    values[..., 3] = np.iinfo(kind).max if alpha is None else alpha
    return values


def picture(small):
    return np.frombuffer(small.rgb, np.uint8).reshape(small.height, small.width, 3)


@pytest.mark.parametrize("channels", ["RGBA", "BGRA"])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(300, 400), (64, 64), (1, 1), (3, 2000), (777, 50)])
def test_every_sample_is_one_of_the_picture_s_own(shape, kind, channels):
    """From the middle of the part that it stands for; red stays red."""
    values = noise(*shape, kind)
    small = thumbnail(layer_of(values, channels), 64)
    assert max(small.width, small.height) == min(64, max(shape))
    rows = (2 * np.arange(small.height) + 1) * shape[0] // (2 * small.height)
    columns = (2 * np.arange(small.width) + 1) * shape[1] // (2 * small.width)
    rgb = values[rows][:, columns, :3] >> (8 * (values.itemsize - 1))
    expected = rgb if channels == "RGBA" else rgb[..., ::-1]
    assert (picture(small) == expected).all()


def test_what_is_transparent_is_white():
    """As on paper; half of it is half as strong."""
    clear = picture(thumbnail(layer_of(noise(8, 8, alpha=0)), 8))
    assert (clear == 255).all()
    values = noise(8, 8, alpha=128)
    half = picture(thumbnail(layer_of(values), 8)).astype(float)
    expected = (values[..., :3] * 128.0 + 255 * 127) / 255
    assert np.abs(half - expected).max() <= 0.5


def test_a_layout_that_no_result_has_is_refused_in_words():
    with pytest.raises(NoPicture, match="f32"):
        thumbnail(layer_of(np.zeros((2, 2, 4), np.float32)), 2)
