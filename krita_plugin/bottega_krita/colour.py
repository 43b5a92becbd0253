"""Which of Krita's colour spaces travel as they are, and what to do about the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bottega_client.editor import EditorError
from bottega_protocol.images import Layout

if TYPE_CHECKING:
    from krita import Document, Node

SRGB = (
    "sRGB-elle-V2-srgbtrc.icc",
    "sRGB-elle-V4-srgbtrc.icc",
    "sRGB built-in",
    "sRGB IEC61966-2.1",
)
"""Profiles with sRGB's primaries and curve: equal numbers are equal colours. The first is what new
8-bit documents have, the others are what pictures from cameras and the web carry."""

LAYOUTS = {
    ("RGBA", "U8"): Layout("BGRA", "u8", "srgb"),
    ("RGBA", "U16"): Layout("BGRA", "u16", "srgb"),
}
"""Colour model and depth as Krita names them, and how their pixels lie in memory."""

MODELS = {"GRAYA": "greyscale", "CMYKA": "CMYK", "LABA": "L*a*b*", "XYZA": "XYZ", "YCbCrA": "YCbCr"}


def space_of(thing: Document | Node) -> tuple[str, str, str]:
    """Colour model, depth and profile of a document or of one of its layers."""
    return thing.colorModel(), thing.colorDepth(), thing.colorProfile()


def layout_of(document: Document) -> Layout:
    """How a document's pixels are sent; raises EditorError for a space that is not."""
    model, depth, profile = space_of(document)
    layout = LAYOUTS.get((model, depth)) if profile in SRGB else None
    if layout is None:
        raise EditorError(
            f"This picture is {MODELS.get(model, 'RGB')}, {_bits(depth)}, {profile}: "
            "Bottega paints in sRGB with 8 or 16 bits a channel.",
            "Image ▸ Convert Image Color Space…: model RGB/Alpha, depth 8 or 16 bits, "
            f"profile {SRGB[0]}.",
        )
    return layout


def _bits(depth: str) -> str:
    """Krita's name of a depth in words: U8, U16, F16, F32."""
    kind = "floating point" if depth.startswith("F") else "integer"
    return f"{depth[1:]}-bit {kind}"
