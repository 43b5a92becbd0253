"""Laying a layer over a picture, in whole numbers: outside the mask every bit stays."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bottega_backend.imaging.pixels import LUMA, Floats
from bottega_protocol.regions import Rectangle

Samples: TypeAlias = NDArray[np.uint8] | NDArray[np.uint16]

STRIP = 256
"""Rows at a time: whole numbers of 64 bits for a large picture would not fit beside it."""


def on_paper(rgba: Floats) -> Floats:
    """Straight-alpha RGBA (H, W, 4) over white: the colours (H, W, 3) that a model may see."""
    alpha = rgba[..., 3:]
    if alpha.min() >= 1:
        return np.ascontiguousarray(rgba[..., :3])
    paper = np.asarray(rgba[..., :3] * alpha, np.float32)
    paper += 1.0 - alpha  # in place: a large picture has no room for a third copy
    return paper


def composite(
    original: Samples, layer: Samples, mask: NDArray[np.uint8], rectangle: Rectangle
) -> Samples:
    """Lay `layer` (h, w, 3 or 4) through `mask` (h, w) over `original` (H, W, C) at `rectangle`.

    Encoded values are mixed as editors do it, `original * (1 - m) + layer * m`, rounded to the
    nearest. Mask 0 leaves a pixel's bits alone, mask 255 gives the layer's (where it is opaque).
    C is 1 (grey), 2 (grey, alpha), 3 or 4 channels; where either is transparent it is "over"
    of straight alpha. The original stays as it is, a new array comes back. What reaches over the
    original's edge is left out.
    """
    out = original.copy()
    height, width = original.shape[:2]
    part = rectangle.intersect(Rectangle(0, 0, width, height))
    if part is None:
        return out
    left, top = part.x - rectangle.x, part.y - rectangle.y
    for row in range(0, part.height, STRIP):
        rows = min(STRIP, part.height - row)
        under = out[part.y + row : part.y + row + rows, part.x : part.right]
        source = np.s_[top + row : top + row + rows, left : left + part.width]
        _lay(under, layer[source], mask[source])
    return out


def _lay(under: Samples, over: Samples, mask: NDArray[np.uint8]) -> None:
    """Change `under` (a view into the picture) where the mask is above 0."""
    where = mask > 0
    if not where.any():
        return
    full = int(np.iinfo(under.dtype).max)
    colour, alpha = _split(under[where], full)
    layer_colour, layer_alpha = _split(_like(over[where], under.shape[-1]), full)
    # Straight-alpha "over" in whole numbers: all in units of 1 / (255 * full * full).
    cover = mask[where].astype(np.int64)[:, np.newaxis] * layer_alpha
    above = cover * full
    below = alpha * (255 * full - cover)
    total = above + below
    mixed = _divide(layer_colour * above + colour * below, np.maximum(total, 1))
    colour = np.where(total > 0, mixed, colour)
    merged = np.concatenate((colour, _divide(total, np.int64(255 * full))), axis=1)
    under[where] = merged[:, : under.shape[-1]]


def _divide(value: NDArray[np.int64], by: NDArray[np.int64] | np.int64) -> NDArray[np.int64]:
    """Whole-number division, rounded half up."""
    return np.asarray((2 * value + by) // (2 * by), np.int64)


def _split(pixels: Samples, full: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Colours (N, 1 or 3) and alpha (N, 1) of pixels (N, 1 to 4), without alpha opaque."""
    wide = pixels.astype(np.int64)
    if wide.shape[1] in (2, 4):
        return wide[:, :-1], wide[:, -1:]
    return wide, np.full((len(wide), 1), full, np.int64)


def _like(pixels: Samples, channels: int) -> Samples:
    """Layer pixels (N, 3 or 4) as grey where the picture below is grey."""
    if channels > 2:
        return pixels
    colour = pixels[:, :3].astype(np.float64)
    # Weighted differences keep a grey pixel's value exact.
    green = colour[:, 1]
    grey = green + LUMA[0] * (colour[:, 0] - green) + LUMA[2] * (colour[:, 2] - green)
    rounded = np.floor(grey + 0.5).astype(pixels.dtype)[:, np.newaxis]
    return np.concatenate((rounded, pixels[:, 3:]), axis=1)
