"""Seams: a selection's edge made soft inwards, or grown, so that what is painted joins unseen."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from bottega_backend.imaging.pixels import Floats
from bottega_backend.imaging.rows import Rest, Rows, no_rest, rest_if_large, strips
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

ONE_PART = 2
"""What lies outside counts as a connected part too."""


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


@dataclass(frozen=True)
class Softened:
    """Rows of a mask that is eased in from its edge; see `soften`.

    `inside` (H, W) is where the mask is above 0, with what `_closed` puts around it. `deepest`
    says of every part of it how deep it is, nothing where all are deep enough. `coarse` is the
    local thickness on a picture smaller by `scale`, nothing where it is measured row by row.
    """

    mask: Rows
    peak: float
    feather: int
    borders: Borders
    inside: NDArray[np.uint8]
    deepest: Deepest
    scale: int
    coarse: Floats | None

    @property
    def size(self) -> Size:
        return self.mask.size

    @property
    def step(self) -> int:
        """More rows for a wide feather: those around them are looked at every time."""
        return max(self.mask.step, self.feather)

    def rows(self, top: int, bottom: int) -> Floats:
        (above, _), _ = _closed(self.borders)
        columns = _opened(self.borders)[1]
        first, last = top + above, bottom + above
        low, high = max(0, first - self._around), min(len(self.inside), last + self._around)
        inside = self.inside[low:high]
        depth = _distance(inside)
        here = slice(first - low, last - low)
        thin = (
            self._thin(first, last) if self.scale > 1 else _thin(depth, inside, self.feather)[here]
        )
        reach = np.minimum(thin, self.deepest.rows(first, last) - 1)
        ramp = np.clip(depth[here] / (reach + 1.0), 0.0, 1.0)
        eased = ramp * ramp * (3.0 - 2.0 * ramp) * self.peak
        return np.asarray(np.minimum(self.mask.rows(top, bottom), eased[:, columns]), np.float32)

    @property
    def _around(self) -> int:
        """Rows beside those asked for that have a say in them."""
        return self.feather + 2 if self.scale > 1 else 3 * (self.feather + 2)

    def _thin(self, top: int, bottom: int) -> Floats:
        """Rows of the coarse thickness, at the mask's own scale."""
        if self.coarse is None:
            raise RuntimeError("the thickness was not measured")
        low, high = max(top // self.scale - 1, 0), bottom // self.scale + 2
        part = self.coarse[low:high]
        shape = (part.shape[1] * self.scale, len(part) * self.scale)
        thin = cv2.resize(part, shape, interpolation=cv2.INTER_LINEAR)
        begin = top - low * self.scale
        return np.asarray(thin[begin : begin + bottom - top, : self.inside.shape[1]], np.float32)


def soften(mask: Rows, feather: int, borders: Borders, rest: Rest = no_rest) -> Rows:
    """Ease a mask, 0 keep to 1 paint, in from its edge over `feather` pixels.

    Inwards only: nothing rises, and 0 stays 0. What is nearer to a pixel of mask 0 than
    `feather` follows a smooth step from there to the mask's peak, wherever that lies below the
    mask, so that an edge which is as soft already stays as it is. Beyond the canvas' `borders`
    the selection is taken to go on; beyond any other side of the array it ends. A part that is
    thinner than two feathers is softened over half its own width (its local thickness:
    Hildebrand and Rüegsegger, 1997), so that the middle of a line keeps its value. For a wide
    feather thickness is measured on a smaller picture: it need not be exact.
    """
    rest = rest_if_large(mask.size, rest)
    inside, peak, _ = _looked_at(mask, rest)
    if feather <= 0 or peak <= 0:
        return mask
    inside = np.pad(inside, _closed(borders))
    scale = max(feather // FINE, 1)
    coarse = None
    if scale > 1:
        small = _all_inside(inside, scale)
        rest()
        coarse = _coarse_thin(small, feather, scale, rest)
    deepest = _deepest(inside, feather, max(mask.step, feather), rest)
    return Softened(mask, peak, feather, borders, inside, deepest, scale, coarse)


@dataclass(frozen=True)
class Grown:
    """Rows of a mask that reaches out; see `grow`. `levels` are those at which it is cut."""

    mask: Rows
    pixels: int
    levels: NDArray[np.float32]
    rest: Rest = no_rest

    @property
    def size(self) -> Size:
        return self.mask.size

    @property
    def step(self) -> int:
        """More rows where it reaches far: those around them are looked at every time."""
        return max(self.mask.step, self.pixels)

    def rows(self, top: int, bottom: int) -> Floats:
        low = max(0, top - self.pixels - 1)
        mask = self.mask.rows(low, min(self.size.height, bottom + self.pixels + 1))
        here = slice(top - low, bottom - low)
        grown = mask[here].copy()
        for level in self.levels:
            near = _distance((mask < level).astype(np.uint8))[here] <= self.pixels
            np.maximum(grown, level, out=grown, where=near)
            self.rest()
        return grown


def grow(mask: Rows, pixels: int, rest: Rest = no_rest) -> Rows:
    """Let a mask reach out by `pixels` (Euclidean): the greatest value within that distance.

    A soft mask is moved outwards in steps of a sixteenth of its peak. Nothing falls.
    """
    if pixels <= 0:
        return mask
    rest = rest_if_large(mask.size, rest)
    _, peak, soft = _looked_at(mask, rest)
    if peak <= 0:
        return mask
    steps = np.linspace(0.0, peak, LEVELS + 1, dtype=np.float32)[1:]
    return Grown(mask, pixels, steps if soft else steps[-1:], rest)


def _looked_at(mask: Rows, rest: Rest) -> tuple[NDArray[np.uint8], float, bool]:
    """Where a mask is above 0 (H, W), its greatest value, and whether it has others above 0."""
    inside = np.empty((mask.size.height, mask.size.width), np.uint8)
    peak, values = 0.0, {0.0}
    for top, bottom in strips(mask, rest):
        rows = mask.rows(top, bottom)
        inside[top:bottom] = rows > 0
        peak = max(peak, float(rows.max(initial=0.0)))
        values |= {peak, float(rows.min(where=rows > 0, initial=peak))}
    return inside, peak, len(values - {0.0, peak}) > 0


def _coarse_thin(small: NDArray[np.uint8], feather: int, scale: int, rest: Rest) -> Floats:
    """Over how many pixels each place of a picture smaller by `scale` is softened."""
    thin = _thickness(_distance(small), feather, scale, rest)
    return _evened(thin, small, feather, scale)


def _thin(depth: Floats, inside: NDArray[np.uint8], feather: int) -> Floats:
    """The same at the picture's own scale, of some rows of it."""
    return _evened(_thickness(depth, feather, 1, no_rest), inside, feather, 1)


def _evened(thin: Floats, inside: NDArray[np.uint8], feather: int, scale: int) -> Floats:
    """What jumps between two discs is blurred over a feather.

    But a line beside a thick part that does not touch it stays as thin as it is.
    """
    if float(thin.min(where=inside > 0, initial=feather)) < feather:
        return _mean_inside(thin, inside, feather // scale)
    return thin


def _thickness(depth: Floats, feather: int, scale: int, rest: Rest) -> Floats:
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
        rest()
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
    lines = np.minimum.reduce([padded[offset::scale] for offset in range(scale)])
    columns = [lines[:, offset::scale] for offset in range(scale)]
    return np.asarray(np.minimum.reduce(columns), np.uint8)


def _mean_inside(values: Floats, inside: NDArray[np.uint8], pixels: int) -> Floats:
    """The mean of `values` in a box around each place, over what lies inside."""
    box = (2 * (pixels // 2) + 1,) * 2
    total = cv2.blur(values * inside, box, borderType=cv2.BORDER_REPLICATE)
    share = cv2.blur(inside.astype(np.float32), box, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(total / np.maximum(share, 1e-6), np.float32)


@dataclass(frozen=True)
class Deepest:
    """How deep each connected part is: `parts` (H, W) are their numbers, or all are alike."""

    depths: Floats
    parts: NDArray[np.int32] | None = None

    def rows(self, top: int, bottom: int) -> Floats:
        """The depth of the part that each place of some rows belongs to."""
        if self.parts is None:
            return self.depths[:1, np.newaxis]
        return np.asarray(self.depths[self.parts[top:bottom]], np.float32)


def _deepest(inside: NDArray[np.uint8], feather: int, step: int, rest: Rest) -> Deepest:
    """The greatest depth in every connected part, as far as it is below a feather."""
    count, parts = cv2.connectedComponents(inside, connectivity=8)
    rest()
    depths: Floats = np.ones(count, np.float32)
    around, height = feather + 2, len(inside)
    for top in range(0, height, step):
        bottom, low = min(top + step, height), max(0, top - around)
        depth = _distance(inside[low : min(height, bottom + around)])[top - low : bottom - low]
        numbers = parts[top:bottom]
        # The deepest place of a part is no less deep than its neighbours: few others have to count.
        ridge = (depth >= cv2.dilate(depth, np.ones((3, 3), np.uint8))) & (depth > 0)
        np.maximum.at(depths, numbers[ridge], depth[ridge])
        rest()
    if count == ONE_PART or float(depths[1:].min()) > feather:
        return Deepest(depths[-1:])
    return Deepest(depths, parts)


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
