"""A result's layers as arrays: any layout becomes RGBA of a wanted depth, masks become alpha."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bottega_backend.imaging.blend import Samples
from bottega_backend.imaging.pixels import decode, encode
from bottega_client.editor import LayerPixels
from bottega_protocol.images import Layout


def layer_colours(placed: LayerPixels, depth: str) -> Samples:
    """A layer's pixels (height, width, RGBA) as `u8` or `u16` in sRGB; its mask is left out."""
    image, wanted, pixels = placed.layer.pixels, Layout("RGBA", depth, "srgb"), placed.pixels
    if image.layout != wanted:
        pixels = encode(decode(pixels, image), wanted)
    shape = (image.height, image.width, 4)
    if depth == "u8":
        return np.frombuffer(pixels, np.uint8).reshape(shape)
    return np.frombuffer(pixels, np.dtype("<u2")).astype(np.uint16).reshape(shape)


def layer_mask(placed: LayerPixels) -> NDArray[np.uint8]:
    """A layer's mask (height, width); a layer without one shows everywhere."""
    size = placed.layer.pixels.size
    if placed.mask is None:
        return np.full((size.height, size.width), 255, np.uint8)
    return np.frombuffer(placed.mask, np.uint8).reshape(size.height, size.width)


def masked_layer(placed: LayerPixels, depth: str) -> Samples:
    """A layer's pixels (height, width, RGBA), its mask multiplied into their alpha."""
    shown = layer_colours(placed, depth).copy()
    shown[..., 3] = (shown[..., 3].astype(np.uint64) * layer_mask(placed) + 127) // 255
    return shown
