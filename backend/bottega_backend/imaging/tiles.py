"""Tiles: how each fades into what was painted before it, and keeps the tones of the whole."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from bottega_backend.imaging.pixels import Floats
from bottega_backend.imaging.resize import Resized
from bottega_backend.imaging.rows import Held, Rows
from bottega_protocol.regions import Size

CHANGED = 0.08
"""Of the range from black to white: what differs by this keeps a third of its detail."""


@dataclass(frozen=True)
class Fades:
    """Over how many pixels a tile fades in from each of its sides; 0 where it does not."""

    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0


def weights(width: int, height: int, fades: Fades) -> Floats:
    """How much of a tile counts at each pixel, (height, width): 1 inside, to 0 at faded sides."""
    across = _ramp(width, fades.left) * _ramp(width, fades.right)[::-1]
    down = _ramp(height, fades.top) * _ramp(height, fades.bottom)[::-1]
    return np.asarray(np.outer(down, across), np.float32)


def _ramp(length: int, fade: int) -> Floats:
    """0 to 1 over the middle half of the first `fade` of `length` pixels, then 1.

    The quarters beside it are 0 and 1: at its border a tile has less to go by, and a VAE leaves
    traces there.
    """
    if not fade:
        return np.ones(length, np.float32)
    t = np.clip((np.arange(length) + 0.5) / fade * 2 - 0.5, 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


@dataclass(frozen=True)
class Detailed:
    """Rows of a painting brought to the size of an `original`, with the detail that this has.

    `seen` is the original as the model got it, as large as the painting: what the original has
    beyond that was lost on the way in. `kept`, in the original's size, is how much of it is
    still true.
    """

    painted: Rows
    seen: Rows
    original: Rows
    kept: Rows

    @property
    def size(self) -> Size:
        return self.original.size

    @property
    def step(self) -> int:
        return self.original.step

    def rows(self, top: int, bottom: int) -> Floats:
        lost = self.original.rows(top, bottom) - self.seen.rows(top, bottom)
        lost *= self.kept.rows(top, bottom)[..., np.newaxis]
        lost += self.painted.rows(top, bottom)
        return np.clip(lost, 0.0, 1.0, out=lost)


def carry_detail(painted: Floats, seen: Floats, original: Rows) -> Detailed:
    """Enlarge a painting (h, w, 3) to the `original`, with its detail.

    `seen` (h, w, 3) is the original made as small. The more a place was changed, the less of its
    detail is still true.
    """
    difference = np.abs(painted - seen).max(axis=2)
    around = cv2.dilate(difference, np.ones((3, 3), np.uint8))
    changed = cv2.blur(around, (3, 3), borderType=cv2.BORDER_REFLECT)
    kept = np.exp(-np.square(changed / CHANGED)).astype(np.float32)
    large, known, share = (Resized(Held(array), original.size) for array in (painted, seen, kept))
    return Detailed(large, known, original, share)


def keep_tones(painted: Floats, before: Floats, radius: int) -> Floats:
    """A picture (H, W, 3) with new detail, in the tones that it had `before`.

    What differs in means over about `radius` pixels is taken back: detail of one tile would be a
    little lighter than that of the next, and the seam would show.
    """
    difference = np.asarray(before - painted, np.float32)
    drift = cv2.GaussianBlur(difference, (0, 0), radius, borderType=cv2.BORDER_REFLECT)
    return np.asarray(np.clip(painted + drift, 0.0, 1.0), np.float32)
