"""Pictures for Krita's documents, and what a result over them has to look like."""

from __future__ import annotations

from typing import Any

import numpy as np

Pixels = np.ndarray[Any, np.dtype[Any]]

DEPTHS = {"U8": ("u1", 255), "U16": ("<u2", 65535)}
"""Krita's depth, numpy's type, full scale."""


def noise(random: np.random.Generator, depth: str, alpha: Pixels) -> bytes:
    """Pixels of every colour with this alpha, (height, width) from 0 to 1, as B, G, R, A."""
    kind, full = DEPTHS[depth]
    pixels = random.integers(0, full + 1, (*alpha.shape, 4)).astype(kind)
    pixels[..., 3] = np.round(alpha * full).astype(kind)
    return pixels.tobytes()


def ellipse(height: int, width: int, softness: float = 0.4) -> Pixels:
    """A feathered ellipse that fills a rectangle: 255 in the middle, 0 at the rim, uint8."""
    y, x = np.mgrid[:height, :width]
    radius = np.hypot((x - (width - 1) / 2) / (width / 2), (y - (height - 1) / 2) / (height / 2))
    return np.round(np.clip((1 - radius) / softness, 0, 1) * 255).astype("u1")


def over(below: Pixels, above: Pixels, mask: Pixels) -> Pixels:
    """`above` through an 8-bit mask over an opaque picture, in the encoded values themselves."""
    full, share = 255, mask[..., None].astype("u8")
    mixed = below.astype("u8") * (full - share) + above.astype("u8") * share
    return ((mixed + full // 2) // full).astype(below.dtype)
