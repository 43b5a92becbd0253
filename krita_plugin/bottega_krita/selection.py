"""What is selected: the mask of a rectangle, and the tight box around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bottega_client.bounds import tight_bounds
from bottega_protocol.regions import Rectangle, Size, canvas_rectangle

from .qt import QtCore

if TYPE_CHECKING:
    from krita import Document


def selected_box(document: Document, size: Size) -> Rectangle | None:
    """The tight bounding box of the selected pixels inside the canvas, or None without any."""
    selection = document.selection()
    if selection is None or selection.width() <= 0 or selection.height() <= 0:
        return None
    bounds = Rectangle(selection.x(), selection.y(), selection.width(), selection.height())
    inside = bounds.intersect(canvas_rectangle(size))
    if inside is None:
        return None
    return tight_bounds(inside, lambda part: bytes(read_mask(document, part).data()))


def read_mask(document: Document, box: Rectangle) -> QtCore.QByteArray:
    """One byte a pixel, 0 outside the selection to 255; all 0 without a selection."""
    selection = document.selection()
    if selection is None:
        return QtCore.QByteArray(box.size.area, b"\0")
    return selection.pixelData(box.x, box.y, box.width, box.height)
