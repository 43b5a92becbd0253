"""Masks: reading them, their bounds, and making their edges soft."""

from __future__ import annotations

import cv2
import numpy as np

from bottega_backend.imaging.pixels import Floats, read_samples, to_unit
from bottega_backend.imaging.rows import Rest, Rows, no_rest, strips
from bottega_protocol.images import Image
from bottega_protocol.regions import Rectangle


def decode_mask(data: bytes, image: Image) -> Floats:
    """Read a one-channel mask as (height, width) coverage, 0 keep to 1 paint."""
    return to_unit(read_samples(data, image)[..., 0], image.depth)


def bounds(mask: Rows, rest: Rest = no_rest) -> Rectangle | None:
    """The tight rectangle around everything above 0, or nothing."""
    across = np.zeros(mask.size.width, np.bool_)
    down = np.zeros(mask.size.height, np.bool_)
    for top, bottom in strips(mask, rest):
        selected = mask.rows(top, bottom) > 0
        across |= selected.any(axis=0)
        down[top:bottom] = selected.any(axis=1)
    columns, rows = np.flatnonzero(across), np.flatnonzero(down)
    if not columns.size:
        return None
    left, right = int(columns[0]), int(columns[-1])
    top, bottom = int(rows[0]), int(rows[-1])
    return Rectangle(left, top, right - left + 1, bottom - top + 1)


def feather(mask: Floats, pixels: float) -> Floats:
    """Blur the edge over about `pixels` to both sides (a Gaussian of half that sigma).

    Beyond the border the outermost row is taken to go on, so that a mask which touches the
    border stays full there.
    """
    if pixels <= 0:
        return mask
    blurred = cv2.GaussianBlur(mask, (0, 0), pixels / 2, borderType=cv2.BORDER_REPLICATE)
    return np.clip(np.asarray(blurred, np.float32), 0.0, 1.0)
