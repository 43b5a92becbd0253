"""A painted picture as a layer of the result."""

from __future__ import annotations

import numpy as np

from bottega_backend.imaging.grain import match_grain
from bottega_backend.imaging.masks import bounds
from bottega_backend.imaging.pixels import Floats
from bottega_backend.imaging.pixels import encode as encode_pixels
from bottega_protocol.images import Image, Layout
from bottega_protocol.requests import AnyRequest
from bottega_protocol.results import Layer

from .blobs import Blobs

LEAST_AROUND = 64
"""Pixels around a selection in which grain is measured, at least."""

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


def add_grain(painted: Floats, original: Floats, mask: Floats, seed: int) -> Floats:
    """The picture (H, W, 3) with the original's grain in what is painted, as it is around that.

    Beyond a quarter of the selection nothing is measured and nothing changed.
    """
    selected = bounds((mask > 0).astype(np.uint8))
    if selected is None:
        return painted
    margin = max(LEAST_AROUND, max(selected.width, selected.height) // 4)
    height, width = mask.shape
    around = selected.pad(margin, margin, margin, margin)
    here = np.s_[
        max(around.y, 0) : min(around.bottom, height), max(around.x, 0) : min(around.right, width)
    ]
    grainy = painted.copy()
    grainy[here] = match_grain(painted[here], original[here], mask[here] == 0, seed)
    return grainy


def layer_name(request: AnyRequest) -> str:
    """What the layer is called: the prompt, on one line, cut short."""
    name = " ".join(request.prompt.split())[:MOST_NAME].rstrip()
    return name or type(request).__name__.removesuffix("Request")
