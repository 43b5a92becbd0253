"""A painted picture as a layer of the result."""

from __future__ import annotations

import numpy as np

from bottega_backend.imaging.pixels import Floats
from bottega_backend.imaging.pixels import encode as encode_pixels
from bottega_protocol.images import Image, Layout
from bottega_protocol.requests import AnyRequest
from bottega_protocol.results import Layer

from .blobs import Blobs

MOST_NAME = 60
"""Characters of a layer's name."""


def make_layer(
    request: AnyRequest, rgb: Floats, layout: Layout, mask: Image | None, blobs: Blobs
) -> Layer:
    """The picture (H, W, 3) over the whole rectangle, opaque, behind its mask."""
    height, width = rgb.shape[:2]
    opaque = np.ones((height, width, 1), np.float32)
    data = encode_pixels(np.concatenate((rgb, opaque), axis=2), layout, dither=request.seed)
    pixels = Image(width, height, layout.channels, layout.depth, blobs.write(data), layout.space)
    return Layer(layer_name(request), request.rectangle, pixels, mask)


def layer_name(request: AnyRequest) -> str:
    """What the layer is called: the prompt, on one line, cut short."""
    name = " ".join(request.prompt.split())[:MOST_NAME].rstrip()
    return name or type(request).__name__.removesuffix("Request")
