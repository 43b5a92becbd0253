"""PNG files: every bit survives, whatever the channels and the depth."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import png
import pytest

from bottega_backend.cli import png_files
from bottega_backend.cli.exits import Mistake
from bottega_backend.cli.png_files import PngPicture, as_rgba, check_writable, read_png, write_png


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_what_is_written_is_read_again(tmp_path: Path, channels: int, dtype: type) -> None:
    random = np.random.default_rng(channels)
    samples = random.integers(0, np.iinfo(dtype).max, (7, 5, channels), dtype, endpoint=True)
    write_png(tmp_path / "a.png", PngPicture(samples))
    read = read_png(tmp_path / "a.png").samples
    assert read.dtype == dtype
    assert np.array_equal(read, samples)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_both_readers_read_the_same(tmp_path: Path, channels: int, dtype: type) -> None:
    """The fast one of plain rows, whatever stands beside them, and the one for the rarer kinds."""
    random = np.random.default_rng(channels)
    samples = random.integers(0, np.iinfo(dtype).max, (9, 5, channels), dtype, endpoint=True)
    beside = ((b"gAMA", (100_000).to_bytes(4, "big")), (b"sRGB", b"\0"))
    write_png(tmp_path / "a.png", PngPicture(samples, beside))
    reader = png.Reader(filename=str(tmp_path / "a.png"))
    reader.preamble()
    assert np.array_equal(png_files._slow(reader), read_png(tmp_path / "a.png").samples)


def test_a_colour_profile_travels_on(tmp_path: Path) -> None:
    chunks = ((b"gAMA", (45455).to_bytes(4, "big")), (b"iCCP", b"x\0\0not really one"))
    write_png(tmp_path / "a.png", PngPicture(np.zeros((2, 2, 3), np.uint8), chunks))
    assert read_png(tmp_path / "a.png").chunks == chunks


PALETTE = [(1, 2, 3), (4, 5, 6)]
CLEAR = [(1, 2, 3, 9), (4, 5, 6, 255)]


@pytest.mark.parametrize(
    ("writer", "row", "expected"),
    [
        ({"palette": PALETTE, "bitdepth": 1}, [0, 1], [[1, 2, 3], [4, 5, 6]]),
        ({"palette": CLEAR, "bitdepth": 8}, [1, 0], [[4, 5, 6, 255], [1, 2, 3, 9]]),
        ({"greyscale": True, "bitdepth": 1}, [1, 0], [[255], [0]]),
        ({"greyscale": True, "bitdepth": 4}, [15, 1], [[255], [17]]),
        ({"greyscale": True, "transparent": 3}, [3, 4], [[3, 0], [4, 255]]),
        (
            {"greyscale": False, "transparent": (3, 3, 3)},
            [3, 3, 3, 1, 2, 3],
            [[3, 3, 3, 0], [1, 2, 3, 255]],
        ),
        ({"greyscale": True, "bitdepth": 16, "transparent": 700}, [700, 4], [[700, 0], [4, 65535]]),
    ],
    ids=[
        "palette",
        "clear palette",
        "1 bit",
        "4 bit",
        "clear grey",
        "clear colour",
        "16 bit clear",
    ],
)
def test_rarer_kinds_become_plain_channels(
    tmp_path: Path, writer: dict, row: list[int], expected: list[list[int]]
) -> None:
    content = io.BytesIO()
    png.Writer(2, 1, **writer).write(content, [row])
    (tmp_path / "a.png").write_bytes(content.getvalue())
    assert read_png(tmp_path / "a.png").samples.tolist() == [expected]


def test_significant_bits_shift_nothing(tmp_path: Path) -> None:
    write_png(tmp_path / "a.png", PngPicture(np.array([[[200]]], np.uint8)))
    chunks = list(png.Reader(filename=str(tmp_path / "a.png")).chunks())
    with (tmp_path / "b.png").open("wb") as file:
        png.write_chunks(file, [chunks[0], (b"sBIT", b"\x04"), *chunks[1:]])
    assert read_png(tmp_path / "b.png").samples.tolist() == [[[200]]]


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"\x89PNG\r\n\x1a\n\0\0"]
)
def test_what_is_no_png_is_a_mistake(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(Mistake, match="not a PNG"):
        read_png(tmp_path / "a.png")


def test_a_cut_file_is_a_mistake(tmp_path: Path) -> None:
    write_png(tmp_path / "a.png", PngPicture(np.arange(48, dtype=np.uint8).reshape(4, 4, 3)))
    whole = (tmp_path / "a.png").read_bytes()
    for length in range(8, len(whole) - 12):
        (tmp_path / "b.png").write_bytes(whole[:length])
        with pytest.raises(Mistake):
            read_png(tmp_path / "b.png")


def test_grey_with_alpha_becomes_rgba() -> None:
    assert as_rgba(np.array([[[7, 9]]], np.uint16)).tolist() == [[[7, 7, 7, 9]]]
    assert as_rgba(np.array([[[7]]], np.uint16)).tolist() == [[[7, 7, 7, 65535]]]


def png_of(width: int, height: int, packed: bytes) -> bytes:
    """An 8-bit RGB PNG that claims a size, around data that need not fit it."""
    content = io.BytesIO()
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    png.write_chunks(content, [(b"IHDR", header), (b"IDAT", packed), (b"IEND", b"")])
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (png_of(4, 4, b"no zlib stream"), "not a PNG"),
        (png_of(4, 4, zlib.compress(b"\0" * 9)), "not a PNG"),
        (png_of(4, 4, zlib.compress(b"\7" * 52)), "filtered"),
        (png_of(0, 10, zlib.compress(b"")), "0 x 10 pixels"),
        (png_of(60_000, 20_000, zlib.compress(b"\0" * 9)), "60000 x 20000 pixels"),
    ],
    ids=["no stream", "too little", "no filter", "nothing", "a bomb"],
)
def test_a_png_that_lies_about_itself_is_a_mistake(
    tmp_path: Path, content: bytes, words: str
) -> None:
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(Mistake, match=words):
        read_png(tmp_path / "a.png")


def test_which_way_is_up_travels_on(tmp_path: Path) -> None:
    """A camera's picture is turned by its Exif: a composite without it would lie on its side."""
    chunks = ((b"eXIf", b"II*\0\x08\0\0\0\0\0"),)
    write_png(tmp_path / "a.png", PngPicture(np.zeros((2, 2, 3), np.uint8), chunks))
    assert read_png(tmp_path / "a.png").chunks == chunks


def test_a_place_that_can_not_be_written_is_known_beforehand(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for place in (tmp_path / "folder", tmp_path / "none" / "a.png"):
        with pytest.raises(Mistake, match="can't be written"):
            check_writable(place)
    check_writable(tmp_path / "a.png")
    assert not (tmp_path / "a.png").exists()
