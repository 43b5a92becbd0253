"""Floating-point samples that hold no number: counted, and replaced by 0 or 1.

Python without numpy looks at 16 million samples one by one in seconds. So a strip of samples is one
long integer here, and every step one operation on all of them: no carry ever leaves a sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

STRIP = 2**12
"""Pixels that are looked at in one go."""


@dataclass(frozen=True)
class Float:
    """Where the bits of a floating-point number lie (IEEE 754), and those of the number 1."""

    bits: int
    exponent: int
    fraction: int
    one: int

    @property
    def sign(self) -> int:
        """The highest bit."""
        return 1 << (self.bits - 1)

    @property
    def whole(self) -> int:
        """All bits."""
        return (1 << self.bits) - 1


FLOATS = {
    "F16": Float(16, 0x7C00, 0x03FF, 0x3C00),
    "F32": Float(32, 0x7F80_0000, 0x007F_FFFF, 0x3F80_0000),
}
"""By Krita's name of the depth; other depths hold numbers only."""


def made_finite(pixels: bytes, depth: str, samples: int) -> tuple[bytes, int]:
    """The same pixels with numbers only, and how many of them held something else.

    So many samples a pixel, alpha among them. NaN and minus infinity become 0, infinity becomes 1.
    """
    kind = FLOATS.get(depth)
    if kind is None:
        return pixels, 0
    step = STRIP * samples * kind.bits // 8
    mended = [
        _mend(pixels[start : start + step], kind, samples) for start in range(0, len(pixels), step)
    ]
    count = sum(bad for _, bad in mended)
    return (b"".join(strip for strip, _ in mended) if count else pixels), count


def _mend(strip: bytes, kind: Float, samples: int) -> tuple[bytes, int]:
    length = len(strip)

    def each(value: int) -> int:
        return _repeated(value, kind.bits, length)

    content = int.from_bytes(strip, "little")
    # No number has an exponent of ones only: adding its lowest bit carries into the sign's place.
    bad = ((content & each(kind.exponent)) + each(kind.fraction + 1)) & each(kind.sign)
    if not bad:
        return strip, 0
    flags = bad >> (kind.bits - 1)
    # NaN has a fraction, infinity has none: adding ones carries only where there is one.
    fractions = (content & each(kind.fraction)) + each(kind.fraction)
    nan = fractions >> kind.fraction.bit_length()
    negative = content >> (kind.bits - 1)
    ones = flags & ~nan & ~negative
    content = (content & ~(flags * kind.whole)) + ones * kind.one
    return content.to_bytes(length, "little"), _pixels(flags, kind.bits, samples, length)


def _pixels(flags: int, bits: int, samples: int, length: int) -> int:
    """How many pixels have a flag at one of their samples."""
    found = 0
    for index in range(samples):
        found |= flags >> (index * bits)
    return (found & _repeated(1, bits * samples, length)).bit_count()


@lru_cache(maxsize=32)
def _repeated(value: int, bits: int, length: int) -> int:
    """A value in each group of so many bits, over so many bytes."""
    size = bits // 8
    return int.from_bytes(value.to_bytes(size, "little") * (length // size), "little")
