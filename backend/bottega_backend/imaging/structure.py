"""Structure continued into a hole: lines, horizons and patterns, from patches of the same picture.

Every patch that touches the hole looks for the one that is most like it elsewhere, and every
pixel of the hole becomes the mean of what those say of it, over and over, from coarse to fine
(Wexler, Shechtman and Irani, Space-Time Completion of Video, 2007). On small pictures only: a
model paints over what comes of it, and looks at it through latents of 8 by 8 pixels.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from bottega_backend.imaging.pixels import Floats

SIDES = (20, 36, 64)
"""The longer side of each level, in pixels."""

PATCH = 7
"""Pixels to a patch, each way."""

ROUNDS = 6
"""Times that a level is gone over."""

LEAST_SOURCES = 16
"""Fewer known patches than this say nothing of a structure."""

AT_ONCE = 512
"""Patches that are compared with all sources at a time: a few megabytes."""


def continue_structure(rgb: Floats, known: NDArray[np.bool_], begin: Floats) -> Floats:
    """A small picture of (H, W, 3) whose unknown part, begun as `begin`, goes on as the rest does.

    Comes back with a longer side of at most 64 pixels. Where too little is known to learn from,
    it is `begin` made small.
    """
    guess = begin
    for height, width in _sizes(*known.shape):
        here = _shrink(rgb, height, width)
        kept = _shrink(known.astype(np.float32), height, width) >= 1.0
        guess = cv2.resize(guess, (width, height), interpolation=cv2.INTER_AREA)
        guess = np.where(kept[..., np.newaxis], here, guess).astype(np.float32)
        guess = _refined(guess, kept)
    return guess


def _sizes(height: int, width: int) -> Iterator[tuple[int, int]]:
    """Height and width of each level; a picture is never enlarged."""
    longer = max(height, width)
    for side in dict.fromkeys(min(side, longer) for side in SIDES):
        yield max(height * side // longer, 1), max(width * side // longer, 1)


def _refined(guess: Floats, kept: NDArray[np.bool_]) -> Floats:
    """One level's rounds: look up every patch of the hole, then let them vote."""
    if min(kept.shape) < PATCH:
        return guess
    whole = _patches(kept[..., np.newaxis]).all(axis=1)
    if int(whole.sum()) < LEAST_SOURCES or whole.all():
        return guess
    for _ in range(ROUNDS):
        patches = _patches(guess)
        found = _nearest(patches[~whole], patches[whole])
        voted = _vote(patches[whole][found], np.flatnonzero(~whole), kept.shape)
        guess = np.where(kept[..., np.newaxis], guess, voted).astype(np.float32)
    return guess


def _patches(picture: NDArray[np.generic]) -> NDArray[np.float32]:
    """Every patch of (H, W, C) as a row: (places, PATCH * PATCH * C), rows of places first."""
    views = np.lib.stride_tricks.sliding_window_view(picture, (PATCH, PATCH), axis=(0, 1))
    ordered = np.moveaxis(views, 2, -1)  # places (y, x), then PATCH, PATCH, C
    return np.asarray(ordered.reshape(-1, PATCH * PATCH * picture.shape[2]), np.float32)


def _nearest(wanted: Floats, sources: Floats) -> NDArray[np.intp]:
    """For every wanted patch the source with the least squared difference."""
    length = (sources * sources).sum(axis=1)
    parts = [
        (length - 2 * (wanted[row : row + AT_ONCE] @ sources.T)).argmin(axis=1)
        for row in range(0, len(wanted), AT_ONCE)
    ]
    return np.concatenate(parts)


def _vote(patches: Floats, places: NDArray[np.intp], shape: tuple[int, ...]) -> Floats:
    """The mean of all patches (n, PATCH * PATCH * 3) that cover each pixel, laid at `places`."""
    height, width = shape
    total, count = np.zeros((height, width, 3), np.float32), np.zeros((height, width, 1))
    rows, columns = np.divmod(places, width - PATCH + 1)
    pixels = patches.reshape(-1, PATCH, PATCH, 3)
    for y in range(PATCH):
        for x in range(PATCH):
            # Places differ from one another, so no pixel is named twice in one addition.
            total[rows + y, columns + x] += pixels[:, y, x]
            count[rows + y, columns + x] += 1
    return np.asarray(total / np.maximum(count, 1), np.float32)


def _shrink(array: Floats, height: int, width: int) -> Floats:
    return np.asarray(cv2.resize(array, (width, height), interpolation=cv2.INTER_AREA), np.float32)
