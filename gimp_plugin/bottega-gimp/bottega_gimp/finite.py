"""Counts pixels that are no numbers (NaN, infinite) in raw floats; pure Python, yet quick."""

from __future__ import annotations

# A 32-bit float is no number when its exponent, bits 23 to 30, is all ones: seven of its bits are
# the low ones of the last byte, the eighth is the high one of the byte before.
_LAST = bytes(byte & 0x7F == 0x7F for byte in range(256))
_BEFORE = bytes(byte >= 0x80 for byte in range(256))


def non_finite_pixels(samples: bytes, channels: int = 4) -> int:
    """How many pixels hold a sample that is no number; `samples` are little-endian 32-bit floats.

    The work is done on whole planes at once, as very long integers.
    """
    last = samples[3::4]
    if not any(last.count(byte) for byte in (0x7F, 0xFF)):
        return 0
    flags = _long(last.translate(_LAST)) & _long(samples[2::4].translate(_BEFORE))
    each = flags.to_bytes(len(last), "little")
    pixels = 0
    for channel in range(channels):
        pixels |= _long(each[channel::channels])
    return pixels.bit_count()


def _long(flags: bytes) -> int:
    return int.from_bytes(flags, "little")
