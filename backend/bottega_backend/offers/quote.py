"""Which rectangle is read for a selection, and how it is painted."""

from __future__ import annotations

from math import isqrt

from bottega_backend.offers.table import choose_model
from bottega_backend.shelf.catalog import Catalog
from bottega_protocol.errors import Refusal
from bottega_protocol.images import MASK, MOST_PIXELS, Layout
from bottega_protocol.messages import AskQuote
from bottega_protocol.offers import Plan
from bottega_protocol.regions import Rectangle, Size, canvas_rectangle, snap_up

from .hints import hints
from .sizes import choose_bucket, choose_sizes, grid
from .tiles import tiles_of

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

SLIMMEST_ALONE = (1, 3)
"""The same for what is painted from words alone, where wider means cutting more away."""


def plan(ask: AskQuote, catalog: Catalog) -> Plan:
    """Answer a quote; raises Refusal for a selection, model or capability that can't be served."""
    model = choose_model(ask.capability, ask.model, catalog)
    selection = _selected(ask)
    rectangle = read_rectangle(ask, selection, model.native)
    sizes = choose_sizes(rectangle.size, model.native, ask.quality, details=model.details)
    layout = answer_layout(ask.layout)
    return Plan(
        rectangle=rectangle,
        layout=layout,
        painted=sizes.painted,
        model=model.id,
        model_name=model.name,
        upload_bytes=_upload_bytes(ask, rectangle.size, layout),
        composed=sizes.composed,
        tiles=len(tiles_of(sizes.painted, rectangle, selection, model.native)),
        hints=hints(rectangle.size, sizes, ask.quality, details=model.details),
    )


def _selected(ask: AskQuote) -> Rectangle:
    """What is to be painted, inside the canvas: all of it where nothing is selected."""
    canvas = canvas_rectangle(ask.canvas)
    if ask.selection is None:
        if ask.capability == "fill":
            raise _nothing_selected("Nothing is selected.")
        return canvas
    selection = ask.selection.intersect(canvas)
    if selection is None:
        raise _nothing_selected("The selection lies outside the canvas.")
    return selection.pad(ask.grow, ask.grow, ask.grow, ask.grow).intersect(canvas) or selection


def _nothing_selected(message: str) -> Refusal:
    return Refusal("nothing-selected", message, "Select something inside the picture.")


def read_rectangle(ask: AskQuote, selection: Rectangle, native: Size) -> Rectangle:
    """The part of the canvas that is read and painted for a clipped selection.

    What is painted from words alone needs no surroundings, and a whole canvas has none.
    """
    canvas = canvas_rectangle(ask.canvas)
    if ask.selection is not None and ask.capability != "generate":
        return context_rectangle(selection, canvas, native, ask.strength)
    _check_pixels(selection.size)
    size = _slim(selection.size, canvas.size, SLIMMEST_ALONE)
    fitted = _around(selection, _fit(size, canvas.size, native), canvas)
    return fitted if fitted.size.area <= MOST_PIXELS else selection


def context_rectangle(
    selection: Rectangle, canvas: Rectangle, native: Size, strength: float = 1.0
) -> Rectangle:
    """The selection with its surroundings: towards square, inside the canvas, at most 64 Mi pixels.

    Its size depends on the canvas only where the canvas is too small for it. Context is given up
    by halves where the limit asks for it; raises Refusal when the selection alone is too large.
    """
    _check_pixels(selection.size)
    pad = context_pad(selection.size, strength)
    while True:
        rectangle = _surround(selection, canvas, pad, native)
        if rectangle.size.area <= MOST_PIXELS:
            return rectangle
        if pad == 0:
            return selection
        pad //= 2


def _check_pixels(size: Size) -> None:
    if size.area > MOST_PIXELS:
        raise Refusal(
            "too-many-pixels",
            f"There would be {size.width} by {size.height} pixels to paint.",
            f"Select at most {MOST_PIXELS // 2**20} million pixels, such as 8192 by 8192.",
        )


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
    wanted = Size(
        min(max(selection.width + 2 * pad, native.width // 2), canvas.width),
        min(max(selection.height + 2 * pad, native.height // 2), canvas.height),
    )
    slim = _slim(wanted, canvas.size, SLIMMEST)
    return _around(selection, _fit(slim, canvas.size, native), canvas)


def _slim(size: Size, canvas: Size, slimmest: tuple[int, int]) -> Size:
    """The size, wider where it is slimmer than it may be, as far as the canvas goes."""
    least = -(-max(size.width, size.height) * slimmest[0] // slimmest[1])
    return Size(
        min(max(size.width, least), canvas.width), min(max(size.height, least), canvas.height)
    )


def _fit(size: Size, canvas: Size, native: Size) -> Size:
    """A little larger, as far as the canvas goes, so that nothing is stretched for painting.

    What is as large as the model paints comes onto the model's grid, so that it need not be
    resampled at all; what is smaller gets the aspect at which it will be painted.
    """
    step = grid(native)
    width, height = snap_up(size.width, step), snap_up(size.height, step)
    if width * height < native.area:
        bucket = choose_bucket(size, native)
        width = max(size.width, -(-size.height * bucket.width // bucket.height))
        height = max(size.height, -(-size.width * bucket.height // bucket.width))
    return Size(min(width, canvas.width), min(height, canvas.height))


def _around(selection: Rectangle, size: Size, canvas: Rectangle) -> Rectangle:
    """A rectangle of this size, centred on the selection and shifted into the canvas."""
    left, top = (size.width - selection.width) // 2, (size.height - selection.height) // 2
    right, bottom = size.width - selection.width - left, size.height - selection.height - top
    return selection.pad(left, top, right, bottom).shift_into(canvas)


def _upload_bytes(ask: AskQuote, size: Size, layout: Layout) -> int:
    """Pixels, unless they come from words alone, and the mask where there is a selection."""
    pixels = 0 if ask.capability == "generate" else layout.pixel_bytes
    mask = 0 if ask.selection is None else MASK.pixel_bytes
    return size.area * (pixels + mask)


def answer_layout(layout: Layout) -> Layout:
    """How pixels are sent for an editor's own layout: 8 bit as it is, deeper as 16-bit sRGB."""
    channels = layout.channels if layout.channels in ("RGBA", "BGRA") else "RGBA"
    if layout.depth == "u8":
        return Layout(channels, "u8", layout.space)
    return Layout(channels, "u16", "srgb")
