"""How the colours of Krita's documents travel: as they are, or as 16-bit sRGB."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bottega_protocol.images import Layout

if TYPE_CHECKING:
    from krita import Document, Node

Space = tuple[str, str, str]
"""Colour model, depth and profile, by Krita's names."""

SRGB = (
    "sRGB-elle-V2-srgbtrc.icc",
    "sRGB-elle-V4-srgbtrc.icc",
    "sRGB built-in",
    "sRGB IEC61966-2.1",
)
"""Profiles with sRGB's primaries and curve: equal numbers are equal colours. The first is what new
8-bit documents have, the others are what pictures from cameras and the web carry."""

BYTES = Layout("BGRA", "u8", "srgb")
WORDS = Layout("BGRA", "u16", "srgb")

TRAVELS: dict[Layout, Space] = {
    BYTES: ("RGBA", "U8", SRGB[0]),
    WORDS: ("RGBA", "U16", SRGB[0]),
}
"""What is sent, and the colour space of Krita's in which those very bytes lie in memory."""

AS_THEY_ARE = {"U8": BYTES, "U16": WORDS}
"""Documents in sRGB with this depth need no conversion."""

MODELS = {
    "RGBA": "RGB",
    "GRAYA": "greyscale",
    "CMYKA": "CMYK",
    "LABA": "L*a*b*",
    "XYZA": "XYZ",
    "YCbCrA": "YCbCr",
}

SAMPLES = {"GRAYA": 2, "CMYKA": 5}
"""Of a pixel, alpha among them; the other models have four."""


def space_of(thing: Document | Node) -> Space:
    """Colour model, depth and profile of a document or of one of its layers."""
    return thing.colorModel(), thing.colorDepth(), thing.colorProfile()


def layout_of(space: Space) -> Layout:
    """How pixels of this space are sent.

    All that is not sRGB already goes as 16 bit: eight would lose levels of an 8-bit picture with
    another curve on their way there and back.
    """
    model, depth, profile = space
    alike = model == "RGBA" and profile in SRGB
    return AS_THEY_ARE.get(depth, WORDS) if alike else WORDS


def is_sent_as_it_is(space: Space, layout: Layout) -> bool:
    """Whether the bytes of this space are those of the layout, colour for colour."""
    model, depth, profile = space
    return model == "RGBA" and profile in SRGB and AS_THEY_ARE.get(depth) == layout


def in_words(space: Space) -> str:
    """A colour space for people: CMYK, 8-bit integer, the profile's name."""
    model, depth, profile = space
    kind = "floating point" if depth.startswith("F") else "integer"
    return f"{MODELS.get(model, model)}, {depth[1:]}-bit {kind}, {profile}"
