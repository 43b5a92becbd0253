"""The editor made of files: what it reads, what it makes of layers, which masks it takes."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bottega_backend.cli.exits import Mistake
from bottega_backend.cli.pictures import PictureEditor, empty_canvas, read_mask
from bottega_backend.cli.png_files import PngPicture, write_png
from bottega_client.editor import VISIBLE, LayerPixels
from bottega_protocol.images import MASK, Layout, describe
from bottega_protocol.regions import Rectangle, Size
from bottega_protocol.results import Layer

HALF = Rectangle(2, 1, 4, 3)
RANDOM = np.random.default_rng(5)


def an_editor(dtype: type, channels: int = 3) -> PictureEditor:
    """A picture of noise, 8 x 6, with a soft selection inside HALF."""
    full = np.iinfo(dtype).max
    samples = RANDOM.integers(0, full, (6, 8, channels), dtype, endpoint=True)
    mask = np.zeros((6, 8), np.uint8)
    mask[1:4, 3:6] = [[255, 128, 1]] * 3
    return PictureEditor(samples, mask)


def a_layer(editor: PictureEditor, depth: str) -> LayerPixels:
    """An opaque layer of noise over HALF with the selection as its mask."""
    layout = Layout("RGBA", depth)
    pixels = RANDOM.integers(0, 256, 12 * layout.pixel_bytes, np.uint8).reshape(12, -1)
    pixels[:, 3 * layout.pixel_bytes // 4 :] = 255
    mask = editor.mask[1:4, 2:6].tobytes()
    size = Size(4, 3)
    layer = Layer("x", HALF, describe(pixels.tobytes(), size, layout), describe(mask, size, MASK))
    return LayerPixels(layer, pixels.tobytes(), mask)


def test_the_selection_is_the_mask_s_tight_bounds() -> None:
    canvas = an_editor(np.uint8).canvas()
    assert canvas.selection == Rectangle(3, 1, 3, 3)
    assert canvas.size == Size(8, 6)


@pytest.mark.parametrize(("dtype", "depth"), [(np.uint8, "u8"), (np.uint16, "u16")])
def test_pixels_are_read_bit_by_bit_as_rgba(dtype: type, depth: str) -> None:
    editor = an_editor(dtype)
    shot = editor.read(HALF, Layout("RGBA", depth), VISIBLE)
    pixels = np.frombuffer(shot.pixels, dtype).reshape(3, 4, 4)
    assert np.array_equal(pixels[..., :3], editor.samples[1:4, 2:6])
    assert (pixels[..., 3] == np.iinfo(dtype).max).all()
    assert shot.mask == editor.mask[1:4, 2:6].tobytes()


def test_another_layout_is_converted() -> None:
    editor = an_editor(np.uint8)
    plain = editor.read(HALF, Layout("RGBA", "u8"), VISIBLE).pixels
    turned = editor.read(HALF, Layout("BGRA", "u8"), VISIBLE).pixels
    assert turned[0::4] == plain[2::4]
    assert turned[3::4] == plain[3::4]


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize(("dtype", "depth"), [(np.uint8, "u8"), (np.uint16, "u16")])
def test_outside_the_mask_every_bit_stays(dtype: type, depth: str, channels: int) -> None:
    editor = an_editor(dtype, channels)
    before = hashlib.sha256(editor.samples.tobytes()).digest()
    editor.place(b"", [a_layer(editor, depth)])
    after = editor.composite()
    assert after.dtype == dtype
    assert np.array_equal(after[editor.mask == 0], editor.samples[editor.mask == 0])
    assert not np.array_equal(after[editor.mask > 0], editor.samples[editor.mask > 0])
    assert hashlib.sha256(editor.samples.tobytes()).digest() == before


def test_the_layer_s_file_has_the_mask_as_alpha() -> None:
    for dtype, depth, unit in ((np.uint8, "u8", 1), (np.uint16, "u16", 257)):
        editor = an_editor(dtype)
        placed = a_layer(editor, depth)
        editor.place(b"", [placed])
        (samples,) = editor.layer_pictures()
        assert np.array_equal(samples[..., 3], editor.mask[1:4, 2:6].astype(int) * unit)
        pixels = np.frombuffer(placed.pixels, dtype).reshape(3, 4, 4)
        assert np.array_equal(samples[..., :3], pixels[..., :3])


def test_a_key_is_placed_once_and_variations_are_no_stack() -> None:
    editor = an_editor(np.uint8)
    first = a_layer(editor, "u8")
    second = replace(a_layer(editor, "u8"), layer=replace(first.layer, variation=1))
    for key, placed in ((b"a", first), (b"a", first), (b"b", second)):
        editor.place(key, [placed])
    assert editor.variations() == [0, 1]
    assert len(editor.layer_pictures()) == 2
    alone = an_editor(np.uint8)
    alone.samples, alone.mask = editor.samples, editor.mask
    alone.place(b"b", [second])
    assert np.array_equal(editor.composite(1), alone.composite(1))
    assert not np.array_equal(editor.composite(0), editor.composite(1))


def test_an_empty_canvas_has_nothing_selected_and_is_transparent() -> None:
    editor = empty_canvas(Size(7, 5))
    assert editor.canvas().selection is None
    assert editor.canvas().size == Size(7, 5)
    shot = editor.read(Rectangle(0, 0, 7, 5), Layout("RGBA", "u8"), VISIBLE)
    assert shot.mask is None
    assert not any(shot.pixels)
    with pytest.raises(Mistake, match="too large"):
        empty_canvas(Size(2**14, 2**14))


def test_a_document_of_files_keeps_notes() -> None:
    editor = an_editor(np.uint8)
    assert editor.notes() == ""
    editor.keep_notes("kept")
    assert editor.notes() == "kept"


PICTURE = PngPicture(np.zeros((4, 4, 3), np.uint16))


def a_mask(path: Path, samples: np.ndarray) -> Path:
    write_png(path / "mask.png", PngPicture(samples))
    return path / "mask.png"


def test_an_8_bit_mask_goes_with_a_16_bit_picture(tmp_path: Path) -> None:
    mask = np.full((4, 4, 1), 77, np.uint8)
    assert read_mask(a_mask(tmp_path, mask), PICTURE).tolist() == mask[..., 0].tolist()


def test_a_grey_mask_saved_as_rgb_is_taken(tmp_path: Path) -> None:
    mask = np.full((4, 4, 3), 77, np.uint8)
    assert read_mask(a_mask(tmp_path, mask), PICTURE).tolist() == mask[..., 0].tolist()


@pytest.mark.parametrize(
    ("samples", "words"),
    [
        (np.full((4, 5, 1), 9, np.uint8), "has 5 x 4 pixels, the picture 4 x 4"),
        (np.full((4, 4, 1), 9, np.uint16), "16 bits"),
        (np.full((4, 4, 2), 9, np.uint8), "transparency"),
        (np.full((4, 4, 3), (1, 2, 3), np.uint8), "colours"),
        (np.zeros((4, 4, 1), np.uint8), "nothing is selected"),
    ],
)
def test_a_wrong_mask_is_a_mistake_with_a_remedy(
    tmp_path: Path, samples: np.ndarray, words: str
) -> None:
    with pytest.raises(Mistake, match=words) as caught:
        read_mask(a_mask(tmp_path, samples), PICTURE)
    assert caught.value.remedy
