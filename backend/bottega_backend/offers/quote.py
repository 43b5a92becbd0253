"""Which rectangle is read for a selection, and at what size it is painted: whole numbers only."""

from __future__ import annotations

from math import isqrt

from bottega_backend.offers.table import choose_model
from bottega_backend.shelf.catalog import Catalog
from bottega_protocol.errors import Refusal
from bottega_protocol.images import MASK, MOST_PIXELS, Layout
from bottega_protocol.messages import AskQuote
from bottega_protocol.offers import Plan
from bottega_protocol.regions import Rectangle, Size, canvas_rectangle

LATENT = 8
"""Pixels to one latent, each way: painted sides are its multiples."""

SHARE = 35
"""Context on each side, in percent of the selection's diagonal: a quarter of a square's picture is
the selection, and twice a selection's side is enough to read."""

SMALL = 128
"""Pixels: a selection with a diagonal below this has that much context on each side, up to where
`SHARE` gives more. A small thing needs a scene around it."""

LEAST_CONTEXT = 32
"""Pixels of context on each side, however small the selection."""

SLIMMEST = (2, 3)
"""The least ratio of the shorter to the longer side: models are trained on squares."""


def plan(ask: AskQuote, catalog: Catalog) -> Plan:
    """Answer a quote; raises Refusal for a selection, model or capability that can't be served."""
    model = choose_model(ask.capability, ask.model, catalog)
    canvas = canvas_rectangle(ask.canvas)
    selection = (ask.selection or canvas).intersect(canvas)
    if selection is None:
        raise Refusal(
            "nothing-selected",
            "The selection lies outside the canvas.",
            "Select something inside the picture.",
        )
    rectangle = context_rectangle(selection, canvas, model.native, ask.strength)
    layout = answer_layout(ask.layout)
    return Plan(
        rectangle=rectangle,
        layout=layout,
        painted=painted_size(rectangle.size, model.native),
        model=model.id,
        model_name=model.name,
        upload_bytes=rectangle.size.area * (layout.pixel_bytes + MASK.pixel_bytes),
    )


def context_rectangle(
    selection: Rectangle, canvas: Rectangle, native: Size, strength: float = 1.0
) -> Rectangle:
    """The selection with its surroundings: towards square, inside the canvas, at most 64 Mi pixels.

    Its size depends on the canvas only where the canvas is too small for it. Context is given up
    by halves where the limit asks for it; raises Refusal when the selection alone is too large.
    """
    if selection.size.area > MOST_PIXELS:
        raise Refusal(
            "too-many-pixels",
            f"The selection spans {selection.width} by {selection.height} pixels.",
            f"Select at most {MOST_PIXELS // 2**20} million pixels, such as 8192 by 8192.",
        )
    pad = context_pad(selection.size, strength)
    while True:
        rectangle = _surround(selection, canvas, pad, native)
        if rectangle.size.area <= MOST_PIXELS:
            return rectangle
        if pad == 0:
            return selection
        pad //= 2


def context_pad(selection: Size, strength: float = 1.0) -> int:
    """Pixels of context on each side of a selection: half as many at strength 0 as at 1.

    At full strength a model knows the scene only from the surroundings; at low strength it sees
    what is there, and its pixels are better spent on the selection.
    """
    diagonal = isqrt(selection.width**2 + selection.height**2)
    full = max(min(diagonal, SMALL), diagonal * SHARE // 100)
    return max(LEAST_CONTEXT, full * (50 + round(50 * strength)) // 100)


def _surround(selection: Rectangle, canvas: Rectangle, pad: int, native: Size) -> Rectangle:
    """Centre a rectangle on the selection, of at least half the native size, and shift it in."""
    width = min(max(selection.width + 2 * pad, native.width // 2), canvas.width)
    height = min(max(selection.height + 2 * pad, native.height // 2), canvas.height)
    longer = max(width, height)
    slim = -(-longer * SLIMMEST[0] // SLIMMEST[1])
    width, height = min(max(width, slim), canvas.width), min(max(height, slim), canvas.height)
    left, top = (width - selection.width) // 2, (height - selection.height) // 2
    right, bottom = width - selection.width - left, height - selection.height - top
    return selection.pad(left, top, right, bottom).shift_into(canvas)


def painted_size(rectangle: Size, native: Size) -> Size:
    """The size at which a model paints a rectangle: its native area, the rectangle's aspect.

    Sides are multiples of 8 from half to double the native ones, so an aspect beyond 4:1 is
    painted narrower than it is. Every size is reached by one resampling each way.
    """
    width = isqrt(native.area * rectangle.width // rectangle.height)
    height = isqrt(native.area * rectangle.height // rectangle.width)
    return Size(_side(width, native.width), _side(height, native.height))


def _side(length: int, native: int) -> int:
    """The multiple of 8 nearest to a length, kept within half to double the native side."""
    least = max(LATENT, native // 2 // LATENT * LATENT)
    nearest = (length + LATENT // 2) // LATENT * LATENT
    return min(max(nearest, least), native * 2 // LATENT * LATENT)


def answer_layout(layout: Layout) -> Layout:
    """How pixels are sent for an editor's own layout: 8 bit as it is, deeper as 16-bit sRGB."""
    channels = layout.channels if layout.channels in ("RGBA", "BGRA") else "RGBA"
    if layout.depth == "u8":
        return Layout(channels, "u8", layout.space)
    return Layout(channels, "u16", "srgb")
