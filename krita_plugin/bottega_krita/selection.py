"""What is selected: the mask of a rectangle, and the tight box around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bottega_protocol.regions import Rectangle, Size, canvas_rectangle

if TYPE_CHECKING:
    from krita import Document


def selected_box(document: Document, size: Size) -> Rectangle | None:
    """The tight bounding box of the selected pixels inside the canvas, or None without any."""
    selection = document.selection()
    if selection is None or selection.width() <= 0 or selection.height() <= 0:
        return None
    bounds = Rectangle(selection.x(), selection.y(), selection.width(), selection.height())
    inside = bounds.intersect(canvas_rectangle(size))
    return None if inside is None else tighten(read_mask(document, inside), inside)


def read_mask(document: Document, box: Rectangle) -> bytes:
    """One byte a pixel, 0 outside the selection to 255; all 0 without a selection."""
    selection = document.selection()
    if selection is None:
        return bytes(box.size.area)
    return bytes(selection.pixelData(box.x, box.y, box.width, box.height).data())


def tighten(mask: bytes, box: Rectangle) -> Rectangle | None:
    """Shrink `box` to the pixels of `mask` (one byte each) that are not 0; None without any."""
    width = box.width
    rows = [mask[start : start + width] for start in range(0, len(mask), width)]
    marked = [index for index, row in enumerate(rows) if row.strip(b"\0")]
    if not marked:
        return None
    left = min(width - len(rows[index].lstrip(b"\0")) for index in marked)
    right = max(len(rows[index].rstrip(b"\0")) for index in marked)
    top, bottom = marked[0], marked[-1] + 1
    return Rectangle(box.x + left, box.y + top, right - left, bottom - top)
