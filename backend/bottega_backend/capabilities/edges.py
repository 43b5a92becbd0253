"""A selection's edge as it is painted, and as it masks the layer: softened or grown."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bottega_backend.engine.tap import rest
from bottega_backend.imaging.rows import Rows, strips
from bottega_backend.imaging.seams import Borders, automatic_feather, grow, soften
from bottega_protocol.images import Image
from bottega_protocol.requests import FillRequest, RefineRequest

from .blobs import Blobs

TIGHT = 8
"""Around a thing whose background is replaced the edge is so much harder: its outline stays."""


@dataclass(frozen=True)
class Edged:
    """A mask over the rectangle: `values`, 0 keep to 1 paint, and its image as a result."""

    values: Rows
    image: Image


def edged(request: FillRequest | RefineRequest, own: Image, blobs: Blobs) -> Edged:
    """The mask of a request, made of its `own`, and kept as a result; once for a whole job.

    What is painted is what the layer's mask says, down to its 8 bits.
    """
    return blobs.once("edge", lambda: _edged(request, own, blobs))


def _edged(request: FillRequest | RefineRequest, own: Image, blobs: Blobs) -> Edged:
    soft = _softened(request, blobs.mask(own))
    left = False
    with blobs.writing() as result:
        for top, bottom in strips(soft, rest):
            samples = np.rint(soft.rows(top, bottom) * 255).astype(np.uint8)
            left = left or bool(samples.any())
            result.write(samples.tobytes())
    image = replace(own, sha256=result.sha256)
    if not left:  # too faint for anything to remain
        blobs.keep(own)
        image = own
    return Edged(blobs.mask(image), image)


def _softened(request: FillRequest | RefineRequest, mask: Rows) -> Rows:
    """Grown where that is asked for, then eased in from the edge.

    Where nothing is said of the edge, what was selected is painted in full and the edge fades
    over what it grew, if it did.
    """
    feather = request.feather
    if feather is None and request.grow:
        feather = request.grow
    elif feather is None and request.selection is not None:
        feather = automatic_feather(request.selection.size, request.strength)
        if isinstance(request, FillRequest) and request.intent == "replace":
            feather //= TIGHT
    borders = Borders.of(request.rectangle, request.canvas)
    return soften(grow(mask, request.grow, rest), feather or 0, borders, rest)
