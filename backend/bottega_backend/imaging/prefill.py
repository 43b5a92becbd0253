"""Prefill: what the masked area holds before a model paints there, by what the artist wants."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from bottega_backend.imaging.pixels import Floats
from bottega_backend.imaging.rows import Held, whole
from bottega_backend.imaging.seams import grow
from bottega_backend.imaging.structure import continue_structure

GREY = 0.5
"""What fills a picture of which nothing is known: favours neither light nor dark."""

LEAST_WEIGHT = 1e-6
"""Below this share of known pixels a colour means nothing."""

HALO = 1 / 12
"""Of the square root of the hole's area: so far a thing's shadow reaches around its selection."""


def prefill(rgb: Floats, mask: Floats, intent: str = "fill") -> Floats:
    """Fill the masked part of (H, W, 3); mask is (H, W), 0 keep, 1 fill.

    Pixels with mask 0 come back untouched, those in between are mixed. By intent: `fill`
    continues the surroundings smoothly; `remove` continues their lines and patterns, as seen
    from a little further away, where a thing's shadow has ended; `replace` is grey throughout,
    which favours nothing. Where something is added, what is there stays.
    """
    content = _INTENTS[intent](rgb, mask)
    share = mask[..., np.newaxis]
    mixed = np.clip(rgb * (1.0 - share) + content * share, 0.0, 1.0)
    return np.where(share > 0, mixed, rgb).astype(np.float32)


def _surroundings(rgb: Floats, mask: Floats) -> Floats:
    """The colours around, continued smoothly: without edges, in float.

    A pyramid is built from the known pixels alone, and every unknown one takes the finest level
    that knows it (pull-push: Gortler and others, The Lumigraph, 1996). Everything masked gives
    mid grey.
    """
    known = np.clip(1.0 - mask, 0.0, 1.0).astype(np.float32)
    return _spread(rgb * known[..., np.newaxis], known)


def _without(rgb: Floats, mask: Floats) -> Floats:
    """The surroundings' structure, as if what is masked had never been there."""
    hidden = whole(grow(_hard(mask), round(_extent(mask) * HALO)))
    if hidden.all():
        hidden = (mask > 0).astype(np.float32)
    smooth = _surroundings(rgb, hidden)
    if hidden.all():
        return smooth
    small = continue_structure(rgb, hidden == 0, smooth)
    height, width = mask.shape
    coarse = cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)
    # What the small picture has wrong beside the hole is continued into it and taken off there.
    return np.asarray(coarse + _surroundings(rgb - coarse, hidden), np.float32)


def _nothing(rgb: Floats, _mask: Floats) -> Floats:
    """Grey."""
    return np.full(rgb.shape, GREY, np.float32)


_INTENTS: dict[str, Callable[[Floats, Floats], Floats]] = {
    "fill": _surroundings,
    "remove": _without,
    "replace": _nothing,
}
"""What the requests' intents put into the hole, but for `add`."""


def _hard(mask: Floats) -> Held:
    """1 wherever the mask is above 0."""
    return Held((mask > 0).astype(np.float32))


def _extent(mask: Floats) -> float:
    """The square root of the masked area, in pixels."""
    return float(np.sqrt(mask.sum(dtype=np.float64)))


def _fill(weighted: Floats, known: Floats) -> Floats:
    """Colours everywhere from premultiplied colours (h, w, 3) and their weights (h, w)."""
    weight = np.maximum(known, LEAST_WEIGHT)[..., np.newaxis]
    mean: Floats = np.divide(weighted, weight, dtype=np.float32)
    if float(known.min()) >= 1.0:
        return mean
    if known.shape == (1, 1):
        return mean if known[0, 0] > LEAST_WEIGHT else np.full(mean.shape, GREY, np.float32)
    spread = _spread(weighted, known)
    # A level that knows a quarter of a pixel's neighbourhood can be trusted with its colour.
    trust = np.minimum(known * 4.0, 1.0)[..., np.newaxis]
    return np.asarray(mean * trust + spread * (1.0 - trust), np.float32)


def _spread(weighted: Floats, known: Floats) -> Floats:
    """What the next coarser level knows, in this level's size (h, w, 3)."""
    height, width = known.shape
    coarse = _fill(_halve(weighted), _halve(known))
    spread = cv2.pyrUp(coarse, dstsize=(_even(width), _even(height)))
    return np.asarray(spread[:height, :width], np.float32)


def _even(length: int) -> int:
    return length + length % 2


def _halve(array: Floats) -> Floats:
    return np.asarray(cv2.pyrDown(array, borderType=cv2.BORDER_REPLICATE), np.float32)
