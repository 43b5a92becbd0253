"""Prefill: the surroundings continued into the masked area, before a model paints there."""

from __future__ import annotations

import cv2
import numpy as np

from bottega_backend.imaging.pixels import Floats

GREY = 0.5
"""What fills a picture of which nothing is known."""

LEAST_WEIGHT = 1e-6
"""Below this share of known pixels a colour means nothing."""


def prefill(rgb: Floats, mask: Floats) -> Floats:
    """Fill the masked part of (H, W, 3) from what surrounds it; mask is (H, W), 0 keep, 1 fill.

    Pixels with mask 0 come back untouched, those in between are mixed. A pyramid is built from
    the known pixels alone, and every unknown one takes the finest level that knows it
    (pull-push: Gortler and others, The Lumigraph, 1996): smooth, without edges, in float.
    Everything masked gives mid grey.
    """
    known = np.clip(1.0 - mask, 0.0, 1.0).astype(np.float32)
    spread = _spread(rgb * known[..., np.newaxis], known)
    share = mask[..., np.newaxis]
    mixed = np.clip(rgb * (1.0 - share) + spread * share, 0.0, 1.0)
    return np.where(share > 0, mixed, rgb).astype(np.float32)


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
