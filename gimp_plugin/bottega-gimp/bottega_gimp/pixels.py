"""Bytes in and out of GIMP's buffers; GEGL converts depth, curve and profile by the format's name.

A format without a colour space of its own means sRGB primaries, whatever the image's profile.
"""

from __future__ import annotations

from bottega_client.editor import EditorError
from bottega_protocol.images import Layout
from bottega_protocol.regions import Rectangle

from .gimp import Gegl, Gimp

BYTES = Layout("RGBA", "u8", "srgb")
WORDS = Layout("RGBA", "u16", "srgb")
FORMATS = {
    BYTES: "R'G'B'A u8",
    WORDS: "R'G'B'A u16",
    Layout("RGBA", "f32", "srgb"): "R'G'B'A float",
    Layout("RGBA", "f32", "linear"): "RGBA float",
}
"""An unknown name would end this process, so no other is ever made up."""

MASK_FORMAT = "Y u8"
"""Linear coverage. With a curve ("Y' u8") feathered edges come out wrong."""


def read_pixels(drawable: Gimp.Drawable, part: Gegl.Rectangle, layout: Layout) -> bytes:
    """Read a part in the drawable's own coordinates; transparent where it has no pixels."""
    return _get(drawable, part, _format_of(layout))


def read_mask(channel: Gimp.Channel, rectangle: Rectangle) -> bytes:
    """Read a selection or mask, one byte a pixel; 0 where it has no pixels."""
    part = Gegl.Rectangle.new(rectangle.x, rectangle.y, rectangle.width, rectangle.height)
    return _get(channel, part, MASK_FORMAT)


def write_pixels(layer: Gimp.Layer, pixels: bytes, layout: Layout) -> None:
    """Fill a layer; the bytes must be as many as its size asks for."""
    _set(layer, pixels, _format_of(layout), layout.pixel_bytes)


def write_mask(mask: Gimp.LayerMask, coverage: bytes) -> None:
    """Fill a layer's mask, one byte a pixel."""
    _set(mask, coverage, MASK_FORMAT, 1)


def _format_of(layout: Layout) -> str:
    if layout not in FORMATS:
        raise EditorError(
            f"GIMP has no pixels of the kind {layout.channels} {layout.depth} {layout.space}.",
            "Use a plug-in and a server of the same release.",
        )
    return FORMATS[layout]


def _get(drawable: Gimp.Drawable, part: Gegl.Rectangle, name: str) -> bytes:
    taken: bytes = drawable.get_buffer().get(part, 1.0, name, Gegl.AbyssPolicy.NONE)
    return taken


def _set(drawable: Gimp.Drawable, pixels: bytes, name: str, pixel_bytes: int) -> None:
    width, height = drawable.get_width(), drawable.get_height()
    if len(pixels) != width * height * pixel_bytes:
        # GEGL would write nothing and only grumble on standard error.
        raise EditorError(
            f"The result has {len(pixels)} bytes for {width} by {height} pixels.",
            "Use a plug-in and a server of the same release.",
        )
    buffer = drawable.get_buffer()
    buffer.set(Gegl.Rectangle.new(0, 0, width, height), name, pixels)
    buffer.flush()
    # A buffer that outlives its image ends this process.
    del buffer
    drawable.update(0, 0, width, height)
