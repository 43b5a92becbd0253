"""Seams: a selection's edge made soft inwards, or grown, so that what is painted joins unseen."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bottega_backend.imaging.pixels import Floats
from bottega_protocol.regions import Rectangle, Size
from bottega_protocol.requests import MOST_EDGE

SHARE = 1 / 12
"""Of a selection's shorter side: an edge that is soft over this much leaves five sixths whole."""

MOST_AUTOMATIC = 128
"""Canvas pixels; softer than this, a seam is no better hidden, and the selection shrinks."""

FINE = 16
"""A feather of twice as many pixels is wide: thickness is then measured in larger ones."""

LEVELS = 16
"""Steps in which a soft selection grows; a hard one needs one."""


@dataclass(frozen=True)
class Borders:
    """The sides on which a rectangle lies on its canvas' border."""

    left: bool = False
    top: bool = False
    right: bool = False
    bottom: bool = False

    @classmethod
    def of(cls, rectangle: Rectangle, canvas: Size) -> Borders:
        """Those of a rectangle in canvas coordinates."""
        return cls(
            left=rectangle.x <= 0,
            top=rectangle.y <= 0,
            right=rectangle.right >= canvas.width,
            bottom=rectangle.bottom >= canvas.height,
        )


def automatic_feather(selection: Size, strength: float) -> int:
    """Canvas pixels over which an edge is softened where the artist names none.

    A twelfth of the shorter side at strength 1, half as much towards strength 0: what hardly
    differs from the original needs less of a seam. Selections below a dozen pixels stay hard.
    """
    widest = min(selection.width, selection.height) * SHARE * (1 + strength) / 2
    return min(int(widest), MOST_AUTOMATIC, MOST_EDGE)


def soften(mask: Floats, feather: int, borders: Borders) -> Floats:
    """Ease mask (H, W), 0 keep to 1 paint, in from its edge over `feather` pixels.

    Inwards only: nothing rises, and 0 stays 0. What is nearer to a pixel of mask 0 than
    `feather` follows a smooth step from there to the mask's peak, wherever that lies below the
    mask, so that an edge which is as soft already stays as it is. Beyond the canvas' `borders`
    the selection is taken to go on; beyond any other side of the array it ends. A part that is
    thinner than two feathers is softened over half its own width (its local thickness:
    Hildebrand and Rüegsegger, 1997), so that the middle of a line keeps its value.
    """
    peak = float(mask.max(initial=0.0))
    if feather <= 0 or peak <= 0:
        return mask
    inside = np.pad((mask > 0).astype(np.uint8), _closed(borders))
    depth = _distance(inside)
    depth, reach = depth[_opened(borders)], _reach(depth, inside, feather)[_opened(borders)]
    ramp = np.clip(depth / (reach + 1.0), 0.0, 1.0)
    eased = ramp * ramp * (3.0 - 2.0 * ramp) * peak
    return np.asarray(np.minimum(mask, eased), np.float32)


def grow(mask: Floats, pixels: int) -> Floats:
    """Let mask (H, W) reach out by `pixels` (Euclidean): the greatest value within that distance.

    A soft mask is moved outwards in steps of a sixteenth of its peak. Nothing falls.
    """
    peak = float(mask.max(initial=0.0))
    if pixels <= 0 or peak <= 0:
        return mask
    grown = mask.copy()
    for level in _levels(mask, peak):
        near = _distance((mask < level).astype(np.uint8)) <= pixels
        np.maximum(grown, level, out=grown, where=near)
    return grown


def _levels(mask: Floats, peak: float) -> NDArray[np.float32]:
    """The values at which a mask is cut into flat ones, above 0, at most LEVELS."""
    steps = np.linspace(0.0, peak, LEVELS + 1, dtype=np.float32)[1:]
    if ((mask > 0) & (mask < peak)).any():
        return steps
    return steps[-1:]


def _reach(depth: Floats, inside: NDArray[np.uint8], feather: int) -> Floats:
    """Over how many pixels each place (H, W) is softened: `feather`, or less where it is thin.

    A place is as thick as the largest disc inside that covers it. What jumps between two discs
    is blurred over a feather, but a line beside a thick part that does not touch it stays as thin
    as it is. For a wide feather thickness is measured on a smaller picture: it need not be exact.
    """
    scale = max(feather // FINE, 1)
    small = _all_inside(inside, scale)
    thin = _thickness(depth if scale == 1 else _distance(small), feather, scale)
    if float(thin.min(where=small > 0, initial=feather)) < feather:
        thin = _mean_inside(thin, small, feather // scale)
    height, width = inside.shape
    shape = (small.shape[1] * scale, small.shape[0] * scale)
    reach = cv2.resize(thin, shape, interpolation=cv2.INTER_LINEAR)[:height, :width]
    return np.asarray(np.minimum(reach, _deepest(depth, inside) - 1), np.float32)


def _thickness(depth: Floats, feather: int, scale: int) -> Floats:
    """Of discs of a feather, of half of one and so on, the largest that covers each place.

    `depth` is measured in pixels of `scale`, the rest in those of the picture.
    """
    reach: Floats = np.zeros(depth.shape, np.float32)
    slack = 0 if scale == 1 else 1  # the edge lies somewhere in a larger pixel
    for radius in _radii(-(-feather // scale)):
        core = depth >= radius
        if core.any():
            covered = _distance((~core).astype(np.uint8)) < radius + slack
            np.maximum(reach, min((radius - 1) * scale, feather), out=reach, where=covered)
    return reach


def _radii(feather: int) -> list[int]:
    """Discs of 2, 3, 5, 9 ... pixels, the last as deep as the feather."""
    radii = [feather + 1]
    while radii[-1] > 2:
        radii.append(radii[-1] // 2 + 1)
    return radii


def _all_inside(inside: NDArray[np.uint8], scale: int) -> NDArray[np.uint8]:
    """The same smaller: a pixel is inside where all of its `scale` by `scale` are."""
    if scale == 1:
        return inside
    height, width = inside.shape
    rows, columns = -(-height // scale), -(-width // scale)
    whole = ((0, rows * scale - height), (0, columns * scale - width))
    padded = np.pad(inside, whole, mode="edge")
    return np.asarray(padded.reshape(rows, scale, columns, scale).min(axis=(1, 3)), np.uint8)


def _mean_inside(values: Floats, inside: NDArray[np.uint8], pixels: int) -> Floats:
    """The mean of `values` in a box around each place, over what lies inside."""
    box = (2 * (pixels // 2) + 1,) * 2
    total = cv2.blur(values * inside, box, borderType=cv2.BORDER_REPLICATE)
    share = cv2.blur(inside.astype(np.float32), box, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(total / np.maximum(share, 1e-6), np.float32)


def _deepest(depth: Floats, inside: NDArray[np.uint8]) -> Floats:
    """At every place the greatest depth of the connected part that it belongs to."""
    count, parts = cv2.connectedComponents(inside, connectivity=8)
    if count <= 2:  # what is outside is counted too
        return np.full((1, 1), depth.max(), np.float32)
    deepest: Floats = np.ones(count, np.float32)
    np.maximum.at(deepest, parts.ravel(), depth.ravel())
    return np.asarray(deepest[parts], np.float32)


def _distance(array: NDArray[np.uint8]) -> Floats:
    """From every place to the nearest 0 (Euclidean); far away where there is none."""
    return np.asarray(cv2.distanceTransform(array, cv2.DIST_L2, cv2.DIST_MASK_PRECISE), np.float32)


def _closed(borders: Borders) -> tuple[tuple[int, int], tuple[int, int]]:
    """One row of 0 on every side on which the selection ends."""
    return (
        (int(not borders.top), int(not borders.bottom)),
        (int(not borders.left), int(not borders.right)),
    )


def _opened(borders: Borders) -> tuple[slice, slice]:
    """The array without what `_closed` put around it."""
    (top, bottom), (left, right) = _closed(borders)
    return slice(top, -bottom or None), slice(left, -right or None)
