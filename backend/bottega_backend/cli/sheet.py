"""The demonstration's sheet: before, selection and after side by side, with words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from bottega_backend.imaging.blend import Samples

from .png_files import as_rgba

Canvas: TypeAlias = NDArray[np.uint8]

PANEL = 400
"""Pixels of a panel's longer side."""

GAP = 24
HEADING = 56
CAPTION = 76
PAPER = (250, 249, 246)
INK = (38, 38, 42)
FAINT = (120, 120, 126)
COLUMNS = ("before", "selection", "after")


@dataclass(frozen=True)
class Row:
    """One picture: as it was, what was selected, as it became, and two lines below."""

    before: Samples
    mask: NDArray[np.uint8]
    after: Samples
    caption: str
    detail: str


def draw(rows: list[Row]) -> Canvas:
    """The whole sheet (height, width, RGB)."""
    strips = [_strip(row) for row in rows]
    width = max(strip.shape[1] for strip in strips)
    sheet = np.vstack([_paper(HEADING, width), *(_widen(strip, width) for strip in strips)])
    for index, name in enumerate(COLUMNS):
        _write(sheet, name, (GAP + index * (PANEL + GAP), HEADING - 18), 0.75, INK)
    return sheet


def _strip(row: Row) -> Canvas:
    """Three panels of one picture and its caption."""
    pictures = (_eight_bit(row.before), np.dstack([row.mask] * 3), _eight_bit(row.after))
    panels = [_panel(picture) for picture in pictures]
    height = panels[0].shape[0]
    strip = _paper(height + CAPTION, len(panels) * (PANEL + GAP) + GAP)
    for index, panel in enumerate(panels):
        left = GAP + index * (PANEL + GAP)
        strip[:height, left : left + panel.shape[1]] = panel
    _write(strip, row.caption, (GAP, height + 28), 0.6, INK)
    _write(strip, row.detail, (GAP, height + 52), 0.5, FAINT)
    return strip


def _panel(picture: Canvas) -> Canvas:
    height, width = picture.shape[:2]
    scale = PANEL / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, size, interpolation=method), np.uint8)


def _eight_bit(samples: Samples) -> Canvas:
    """Any picture as 8-bit RGB, its transparent parts over the sheet's paper."""
    rgba = as_rgba(samples)
    full = np.iinfo(rgba.dtype).max
    alpha = rgba[..., 3:] / full
    mixed = rgba[..., :3] * (255 / full) * alpha + np.array(PAPER) * (1 - alpha)
    return np.asarray(mixed + 0.5, np.uint8)


def _paper(height: int, width: int) -> Canvas:
    return np.full((height, width, 3), PAPER, np.uint8)


def _widen(strip: Canvas, width: int) -> Canvas:
    return np.hstack([strip, _paper(strip.shape[0], width - strip.shape[1])])


def _write(
    sheet: Canvas, text: str, at: tuple[int, int], scale: float, colour: tuple[int, int, int]
) -> None:
    plain = text.encode("ascii", "replace").decode()
    font = cv2.FONT_HERSHEY_SIMPLEX
    cv2.putText(sheet, plain, at, font, scale, colour, 1, cv2.LINE_AA)
