"""Reads and writes PNG files as numpy arrays, bit by bit, with what says how to show them."""

from __future__ import annotations

import io
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
import png

from bottega_backend.imaging.blend import Samples

from .exits import Mistake

SHOWN_BY = (b"iCCP", b"sRGB", b"gAMA", b"cHRM", b"cICP", b"pHYs", b"eXIf")
"""What a PNG says about its colours, resolution and which way is up: a composite goes on saying
it."""

MOST_PIXELS = 2**29
"""Of a whole picture (some 23,000 squared): a small file can claim to hold any number of them."""

MOST_FILTER = 4
"""The last of PNG's five ways to filter a row."""

FULL = {np.dtype(np.uint8): 255, np.dtype(np.uint16): 65535}
Chunks = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True)
class PngPicture:
    """A picture (height, width, channels): 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA; 8 or 16 bit."""

    samples: Samples
    chunks: Chunks = ()


def read_png(path: Path) -> PngPicture:
    """Read a PNG; palettes and fewer than 8 bits become 8 bits, a transparent colour alpha.

    Raises Mistake for what is missing or no PNG.
    """
    content = _content(path)
    try:
        reader = png.Reader(bytes=content)
        reader.preamble()
        reader.sbit = None  # or it would shift samples that have fewer significant bits
        _check_size(path, reader.width, reader.height)
        chunks = _chunks(content)
        samples = _fast(reader, content, chunks) if _is_plain(reader, chunks) else _slow(reader)
    except (png.Error, ValueError, EOFError, zlib.error, cv2.error) as error:
        raise Mistake(f"{path} is not a PNG that can be read: {error}", SAVE_AS_PNG) from error
    return PngPicture(samples, tuple(chunk for chunk in chunks if chunk[0] in SHOWN_BY))


def _is_plain(reader: png.Reader, chunks: list[tuple[bytes, bytes]]) -> bool:
    """Whether every row stands in the file as it is meant: grey or RGB, 8 or 16 bit."""
    kinds = {kind for kind, _ in chunks}
    plain = reader.bitdepth >= 8 and not reader.interlace
    return plain and not kinds & {b"PLTE", b"tRNS", b"acTL"}


def _fast(reader: png.Reader, content: bytes, chunks: list[tuple[bytes, bytes]]) -> Samples:
    """Plain rows, read by libpng: a hundred times as fast; raises ValueError or zlib.error.

    It would give a picture for a file that is damaged, so that is looked at first.
    """
    rows = zlib.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT"))
    stride = 1 + reader.width * reader.planes * reader.bitdepth // 8
    if len(rows) != stride * reader.height:
        raise ValueError(f"{len(rows)} bytes of pixels, {stride * reader.height} were due")
    if (np.frombuffer(rows, np.uint8)[::stride] > MOST_FILTER).any():
        raise ValueError("a row is filtered in an unknown way")
    found = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    if found is None:
        raise ValueError("libpng does not take it")
    # Blue comes first; grey with alpha comes as colours.
    order = {1: [0], 2: [0, 3], 3: [2, 1, 0], 4: [2, 1, 0, 3]}[reader.planes]
    ordered = found.reshape(reader.height, reader.width, -1)[..., order]
    return cast("Samples", np.ascontiguousarray(ordered))


def _slow(reader: png.Reader) -> Samples:
    """Any kind of rows."""
    width, height, rows, about = reader.asDirect()
    samples = np.array([np.frombuffer(row, _dtype(about)) for row in rows])
    return _widened(samples.reshape(height, width, -1), about["bitdepth"])


def _check_size(path: Path, width: int, height: int) -> None:
    if not 0 < width * height <= MOST_PIXELS:
        raise Mistake(
            f"{path} has {width} x {height} pixels.",
            f"Give a picture of at most {MOST_PIXELS // 2**20} million pixels.",
        )


SAVE_AS_PNG = "Save it again as PNG with 8 or 16 bits per channel."


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Mistake(f"{path} can't be read: {error.strerror}.", "Look at the name.") from error


def _dtype(about: dict[str, Any]) -> type[np.uint8 | np.uint16]:
    return np.uint16 if about["bitdepth"] > 8 else np.uint8


def _widened(samples: Samples, bits: int) -> Samples:
    """Fewer than 8 bits spread over 0 to 255; 9 to 15 can't be: PNG has no such depth."""
    return samples if bits >= 8 else (samples * (255 // (2**bits - 1))).astype(np.uint8)


def _chunks(content: bytes) -> list[tuple[bytes, bytes]]:
    return [(bytes(kind), bytes(data)) for kind, data in png.Reader(bytes=content).chunks()]


def write_png(path: Path, picture: PngPicture) -> None:
    """Write a picture; raises Mistake where the file can't be written."""
    content = io.BytesIO()
    samples = picture.samples
    height, width, channels = samples.shape
    writer = png.Writer(
        width,
        height,
        greyscale=channels < 3,
        alpha=channels in (2, 4),
        bitdepth=8 * samples.itemsize,
        compression=6,
    )
    rows = samples.astype(samples.dtype.newbyteorder(">")).reshape(height, -1)
    writer.write_packed(content, (row.tobytes() for row in rows))
    chunks = _chunks(content.getvalue())
    chunks[1:1] = picture.chunks
    try:
        with path.open("wb") as file:
            png.write_chunks(file, chunks)
    except OSError as error:
        raise _unwritable(path, error.strerror) from error


def check_writable(path: Path) -> None:
    """Raise the Mistake of `write_png` now, before anything is painted; nothing is written."""
    folder = path.parent
    if path.is_dir():
        raise _unwritable(path, "it is a folder")
    if not folder.is_dir():
        raise _unwritable(path, f"there is no folder {folder}")
    if not os.access(path if path.exists() else folder, os.W_OK):
        raise _unwritable(path, "permission denied")


def _unwritable(path: Path, why: str | None) -> Mistake:
    return Mistake(f"{path} can't be written: {why}.", "Choose another place for the result.")


def numbered(out: Path, index: int) -> Path:
    """The file of a result's layer: the first is `out`, the next have a number before the dot."""
    return out.with_name(f"{out.stem}-{index + 1}{out.suffix}") if index else out


def as_rgba(samples: Samples) -> Samples:
    """Any number of channels as straight-alpha RGBA of the same depth."""
    channels = samples.shape[2]
    colour = samples[..., :1].repeat(3, axis=2) if channels < 3 else samples[..., :3]
    full = np.full((*samples.shape[:2], 1), FULL[samples.dtype], samples.dtype)
    alpha = samples[..., -1:] if channels in (2, 4) else full
    return np.concatenate((colour, alpha), axis=2)
