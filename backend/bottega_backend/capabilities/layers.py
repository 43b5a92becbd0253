"""A painted picture as a layer of the result."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bottega_backend.engine.tap import rest
from bottega_backend.imaging.grain import Grainy, noise_of
from bottega_backend.imaging.masks import bounds
from bottega_backend.imaging.pixels import Encoder
from bottega_backend.imaging.rows import Rows, strips
from bottega_protocol.images import Image, Layout
from bottega_protocol.regions import canvas_rectangle
from bottega_protocol.requests import AnyRequest
from bottega_protocol.results import Layer

from .blobs import Blobs

LEAST_AROUND = 64
"""Pixels around a selection in which grain is measured, at least."""

MOST_NAME = 60
"""Characters of a layer's name."""


@dataclass(frozen=True)
class Look:
    """How a layer's pixels are laid out, and the mask that it lies behind."""

    layout: Layout
    mask: Image | None = None


def make_layer(request: AnyRequest, picture: Rows, look: Look, blobs: Blobs) -> Layer:
    """The picture over the whole rectangle, opaque, behind its mask; written as it is made."""
    width, height = picture.size.width, picture.size.height
    encoder = Encoder(look.layout, dither=request.seed)
    with blobs.writing() as result:
        for top, bottom in strips(picture, rest):
            opaque = np.ones((bottom - top, width, 1), np.float32)
            colours = picture.rows(top, bottom)
            result.write(encoder.encode(np.concatenate((colours, opaque), axis=2)))
    layout = look.layout
    pixels = Image(width, height, layout.channels, layout.depth, result.sha256, layout.space)
    return Layer(layer_name(request), request.rectangle, pixels, look.mask)


def add_grain(painted: Rows, original: Rows, mask: Rows, seed: int) -> Rows:
    """The picture with the original's grain in what is painted, as it is around that.

    Beyond a quarter of the selection nothing is measured and nothing changed.
    """
    selected = bounds(mask, rest)
    if selected is None:
        return painted
    margin = max(LEAST_AROUND, max(selected.width, selected.height) // 4)
    around = selected.pad(margin, margin, margin, margin)
    part = around.intersect(canvas_rectangle(mask.size)) or selected
    covariance = noise_of(original, mask, part, rest)
    return painted if covariance is None else Grainy(painted, covariance, part, seed)


def layer_name(request: AnyRequest) -> str:
    """What the layer is called: the prompt, on one line, cut short."""
    name = " ".join(request.prompt.split())[:MOST_NAME].rstrip()
    return name or type(request).__name__.removesuffix("Request")
