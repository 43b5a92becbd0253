"""A selection's edge as it is painted, and as it masks the layer: softened or grown."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bottega_backend.imaging.masks import decode_mask
from bottega_backend.imaging.pixels import Floats
from bottega_backend.imaging.seams import Borders, automatic_feather, grow, soften
from bottega_protocol.images import Image
from bottega_protocol.requests import FillRequest, RefineRequest

from .blobs import Blobs


@dataclass(frozen=True)
class Edged:
    """A mask over the rectangle: `values` (H, W), 0 keep to 1 paint, and its image as a result."""

    values: Floats
    image: Image


def edged(request: FillRequest | RefineRequest, own: Image, blobs: Blobs) -> Edged:
    """The mask of a request, made of its `own`, and kept as a result.

    What is painted is what the layer's mask says, down to its 8 bits.
    """
    data = blobs.read(own.sha256)
    mask = decode_mask(data, own)
    changed = _softened(request, mask)
    samples = np.rint(changed * 255).astype(np.uint8)
    if samples.any() and not np.array_equal(changed, mask):
        data = samples.tobytes()
        mask = decode_mask(data, own)
    return Edged(mask, replace(own, sha256=blobs.write(data)))


def _softened(request: FillRequest | RefineRequest, mask: Floats) -> Floats:
    """Grown where that is asked for, then eased in from the edge.

    Where nothing is said of the edge, what was selected is painted in full and the edge fades
    over what it grew, if it did.
    """
    feather = request.feather
    if feather is None and request.grow:
        feather = request.grow
    elif feather is None and request.selection is not None:
        feather = automatic_feather(request.selection.size, request.strength)
    borders = Borders.of(request.rectangle, request.canvas)
    return soften(grow(mask, request.grow), feather or 0, borders)
