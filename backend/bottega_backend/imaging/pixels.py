"""Raw pixels of any layout to float RGBA and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bottega_backend.imaging.dither import to_whole
from bottega_protocol.errors import BadMessage
from bottega_protocol.images import CHANNELS, Image, Layout

Floats: TypeAlias = NDArray[np.float32]
Samples: TypeAlias = NDArray[np.uint8] | NDArray[np.uint16] | NDArray[np.float16] | Floats

SAMPLES = {"u8": "<u1", "u16": "<u2", "f16": "<f2", "f32": "<f4"}
"""numpy's name of each depth; the wire is little-endian on every machine."""

FULL = {"u8": 255, "u16": 65535}
"""What an integer depth stores for 1; floats store 1."""

LUMA = (0.2126, 0.7152, 0.0722)
"""Rec. 709 weights of red, green and blue."""


STRIP = 256
"""Rows at a time: what lies between the bytes and the floats of 64 Mi pixels takes gigabytes."""


def decode(data: bytes, image: Image) -> Floats:
    """Read a block of pixels as (height, width, 4): straight-alpha RGBA, 0..1, sRGB-encoded.

    Float samples that are not finite or lie outside 0..1 are replaced (NaN and -inf by 0, +inf
    by 1) and clipped. Raises BadMessage when the bytes do not fill the image's size.
    """
    samples = read_samples(data, image)
    rgba = np.empty((image.height, image.width, 4), np.float32)
    for row in range(0, image.height, STRIP):
        rgba[row : row + STRIP] = _decode_rows(samples[row : row + STRIP], image.layout)
    return rgba


def _decode_rows(samples: Samples, layout: Layout) -> Floats:
    rgba = _ORDERS[layout.channels](to_unit(samples, layout.depth))
    if layout.space == "linear":
        rgba[..., :3] = encode_srgb(rgba[..., :3])
    return rgba


def encode(rgba: Floats, layout: Layout, dither: int | None = None) -> bytes:
    """Write straight-alpha RGBA (height, width, 4), sRGB-encoded, in any layout.

    Values are clipped to 0..1 and, for integers, rounded half up: what `decode` read from
    integers is written back bit by bit. Grey is the luma of the encoded colour. With a seed to
    `dither`, what lies between two integers becomes either by lot, so that slopes show no bands;
    what `decode` read is written back all the same.
    """
    encoder = Encoder(layout, dither)
    return b"".join(encoder.encode(rgba[row : row + STRIP]) for row in range(0, len(rgba), STRIP))


class Encoder:
    """`encode` for a picture that comes in pieces, from its first row to its last."""

    def __init__(self, layout: Layout, dither: int | None = None) -> None:
        self._layout = layout
        self._random = None if dither is None else np.random.default_rng(dither)

    def encode(self, rgba: Floats) -> bytes:
        """The next rows (height, width, 4)."""
        return _encode_rows(rgba, self._layout, self._random)


def _encode_rows(rgba: Floats, layout: Layout, random: np.random.Generator | None) -> bytes:
    rgba = rgba.astype(np.float32)
    np.nan_to_num(rgba, copy=False, nan=0.0)
    np.clip(rgba, 0.0, 1.0, out=rgba)
    if layout.space == "linear":
        rgba[..., :3] = decode_srgb(rgba[..., :3])
    return from_unit(_pick(rgba, layout.channels), layout.depth, random).tobytes()


def read_samples(data: bytes, image: Image) -> Samples:
    """View the bytes as (height, width, channels) samples of the image's own depth."""
    if len(data) != image.byte_count:
        raise BadMessage("Image", f"has {len(data)} bytes, its size asks for {image.byte_count}")
    samples: Samples = np.frombuffer(data, SAMPLES[image.depth])
    return samples.reshape(image.height, image.width, CHANNELS[image.channels])


def to_unit(samples: Samples, depth: str) -> Floats:
    """Bring samples of a depth to finite float32 in 0..1."""
    if depth in FULL:
        return np.divide(samples, FULL[depth], dtype=np.float32)
    values = np.nan_to_num(samples.astype(np.float32), nan=0.0, posinf=1.0, neginf=0.0)
    return np.clip(values, 0.0, 1.0)


def from_unit(values: Floats, depth: str, random: np.random.Generator | None = None) -> Samples:
    """Store values in 0..1 as samples of a depth: integers rounded half up, or dithered."""
    if depth in FULL:
        values = to_whole(values * np.float32(FULL[depth]), random)
    stored: Samples = values.astype(SAMPLES[depth])
    return stored


def encode_srgb(linear: Floats) -> Floats:
    """The sRGB transfer curve (IEC 61966-2-1) over linear light in 0..1."""
    curve = 1.055 * np.power(linear, 1 / 2.4, dtype=np.float64) - 0.055
    return np.where(linear <= 0.0031308, linear * 12.92, curve).astype(np.float32)


def decode_srgb(encoded: Floats) -> Floats:
    """Linear light from sRGB-encoded values in 0..1: the inverse of `encode_srgb`."""
    curve = np.power((encoded.astype(np.float64) + 0.055) / 1.055, 2.4)
    return np.where(encoded <= 0.04045, encoded / 12.92, curve).astype(np.float32)


def luma(rgb: Floats) -> Floats:
    """Grey of (..., 3) encoded colours; a grey pixel keeps its value to the last bit."""
    red, green, blue = (rgb[..., channel] for channel in range(3))
    grey = green + LUMA[0] * (red - green) + LUMA[2] * (blue - green)
    return np.asarray(grey, np.float32)


def _with_alpha(rgb: Floats) -> Floats:
    opaque = np.ones((*rgb.shape[:2], 1), np.float32)
    return np.concatenate((rgb, opaque), axis=2)


_ORDERS: dict[str, Callable[[Floats], Floats]] = {
    "RGBA": lambda samples: samples,
    "BGRA": lambda samples: samples[..., (2, 1, 0, 3)],
    "RGB": _with_alpha,
    "GRAYA": lambda samples: samples[..., (0, 0, 0, 1)],
    "GRAY": lambda samples: _with_alpha(samples[..., (0, 0, 0)]),
}
"""How samples of each channel order become RGBA."""


def _pick(rgba: Floats, channels: str) -> Floats:
    if channels in ("RGBA", "BGRA", "RGB"):
        ordered: Floats = rgba[..., ["RGBA".index(name) for name in channels]]
        return ordered
    grey = luma(rgba[..., :3])[..., np.newaxis]
    return grey if channels == "GRAY" else np.concatenate((grey, rgba[..., 3:]), axis=2)
