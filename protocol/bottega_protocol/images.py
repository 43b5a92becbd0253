"""What a block of pixels is: size, channel order, depth, colour space, and the hash of its bytes.

Pixels travel raw: rows from the top without padding, straight alpha, little-endian.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from .errors import BadMessage
from .regions import FAR, Size
from .schema import Choice, Raw, Record, Whole, wire

CHANNELS = {"RGBA": 4, "BGRA": 4, "RGB": 3, "GRAYA": 2, "GRAY": 1}
"""Named channel orders and how many samples a pixel has in them."""

DEPTHS = {"u8": 1, "u16": 2, "f16": 2, "f32": 4}
"""Sample types and their bytes: unsigned integers (0 to full scale) and floats (0 to 1)."""

SPACES = ("srgb", "linear")
"""sRGB primaries, with the sRGB curve or with linear light."""

MOST_PIXELS = 64 * 2**20
"""The largest rectangle, in pixels (8192 by 8192)."""


@dataclass(frozen=True)
class Layout(Record):
    """How one pixel is stored."""

    channels: str = wire(Choice(tuple(CHANNELS)))
    depth: str = wire(Choice(tuple(DEPTHS)))
    space: str = wire(Choice(SPACES), default="srgb")

    @property
    def pixel_bytes(self) -> int:
        """Bytes of one pixel."""
        return CHANNELS[self.channels] * DEPTHS[self.depth]


MASK = Layout("GRAY", "u8", "linear")
"""A selection: 0 = keep, 255 = paint, linear coverage in between."""


@dataclass(frozen=True)
class Image(Record):
    """A block of pixels, named by the SHA-256 of its bytes."""

    width: int = wire(Whole(1, FAR))
    height: int = wire(Whole(1, FAR))
    channels: str = wire(Choice(tuple(CHANNELS)))
    depth: str = wire(Choice(tuple(DEPTHS)))
    sha256: bytes = wire(Raw(32, 32))
    space: str = wire(Choice(SPACES), default="srgb")

    def check(self) -> None:
        if self.width * self.height > MOST_PIXELS:
            raise BadMessage("Image", f"must have at most {MOST_PIXELS} pixels")

    @property
    def layout(self) -> Layout:
        """How one pixel is stored."""
        return Layout(self.channels, self.depth, self.space)

    @property
    def size(self) -> Size:
        """Width and height."""
        return Size(self.width, self.height)

    @property
    def byte_count(self) -> int:
        """How many bytes the pixels take."""
        return self.width * self.height * self.layout.pixel_bytes


def describe(pixels: bytes, size: Size, layout: Layout) -> Image:
    """Name a block of pixels; raises BadMessage when the bytes do not fill the size."""
    image = Image(
        size.width,
        size.height,
        layout.channels,
        layout.depth,
        hashlib.sha256(pixels).digest(),
        layout.space,
    )
    if len(pixels) != image.byte_count:
        raise BadMessage("Image", f"has {len(pixels)} bytes, its size asks for {image.byte_count}")
    return image
