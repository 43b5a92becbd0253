"""One GIMP image as an Editor: reads pixels and selection, places layers."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import TypeVar

from bottega_client.editor import ACTIVE, VISIBLE, Canvas, EditorError, LayerPixels, Snapshot
from bottega_protocol.images import Layout
from bottega_protocol.regions import Rectangle, Size, canvas_rectangle

from .bounds import tight_bounds
from .gimp import Gegl, Gimp
from .parasites import read_text, write_text
from .pixels import BYTES, WORDS, read_mask, read_pixels
from .placing import insert
from .ui_thread import UiThread

T = TypeVar("T")

DOCUMENT = "bottega-document"
PLACED = "bottega-placed"
MOST_PLACED = 256
"""So many job ids are remembered in the image, the latest ones."""

KEPT = "The result is kept; in a terminal: bottega results list"


class Drawing:
    """An image and the layer that was active when it was asked for."""

    def __init__(self, image: Gimp.Image, layer: Gimp.Layer, ui: UiThread) -> None:
        self._image = image
        self._active = layer
        self._ui = ui
        self._source = VISIBLE
        self.placed: Gimp.Layer | None = None

    def canvas(self) -> Canvas:
        """Describe the image; raises EditorError for a closed or an indexed one."""
        image = self._open_image()
        size = Size(image.get_width(), image.get_height())
        deep = image.get_precision() not in EIGHT_BITS
        return Canvas(self._document(), size, self._selection(deep=deep), WORDS if deep else BYTES)

    def read(self, rectangle: Rectangle, layout: Layout, source: str) -> Snapshot:
        """Read what is visible, or the active layer alone, and the selection."""
        image = self._open_image()
        self._source = source
        mask = read_mask(image.get_selection(), rectangle)
        if source == ACTIVE:
            pixels = self._read_active(rectangle, layout)
        else:
            pixels = _read_visible(image, rectangle, layout)
        return Snapshot(self.canvas(), rectangle, layout, pixels, mask)

    def place(self, job: bytes, layers: Sequence[LayerPixels]) -> None:
        """Insert the layers as one undo step, unless this job has been placed before."""
        image = self._open_image(KEPT)
        placed = (read_text(image, PLACED) or "").split()
        if job.hex() in placed or not layers:
            return
        canvas = canvas_rectangle(Size(image.get_width(), image.get_height()))
        if any(canvas.intersect(each.layer.rectangle) is None for each in layers):
            raise EditorError(
                "The result lies outside the image, which has another size now.",
                KEPT,
            )
        self.placed = insert(image, self._active, layers, on_top=self._source == VISIBLE)
        write_text(image, PLACED, " ".join([*placed, job.hex()][-MOST_PLACED:]))

    def on_ui(self, work: Callable[[], T]) -> T:
        """Run `work` where GIMP may be talked to."""
        return self._ui.call(work)

    def _open_image(self, remedy: str = "") -> Gimp.Image:
        """The image, if it is open and can be worked on; `remedy` is for a closed one."""
        if not self._image.is_valid():
            raise EditorError("The image was closed in the meantime.", remedy)
        if self._image.get_base_type() == Gimp.ImageBaseType.INDEXED:
            raise EditorError(
                "An indexed image has no room for new colours.",
                "Choose Image > Mode > RGB, then try again.",
            )
        return self._image

    def _document(self) -> str:
        known = read_text(self._image, DOCUMENT)
        if known is None:
            known = uuid.uuid4().hex
            write_text(self._image, DOCUMENT, known)
        return known

    def _selection(self, *, deep: bool) -> Rectangle | None:
        _, selected, left, top, right, bottom = Gimp.Selection.bounds(self._image)
        if not selected:
            return None
        bounds = Rectangle(left, top, right - left, bottom - top)
        if not deep:
            return bounds
        # A deep selection may be fainter at its rim than our bytes can say.
        return tight_bounds(read_mask(self._image.get_selection(), bounds), bounds)

    def _read_active(self, rectangle: Rectangle, layout: Layout) -> bytes:
        if not self._active.is_valid():
            raise EditorError("The layer is gone.", "Pick another layer and try again.")
        _, left, top = self._active.get_offsets()
        x, y = rectangle.x - left, rectangle.y - top
        return read_pixels(
            self._active, Gegl.Rectangle.new(x, y, rectangle.width, rectangle.height), layout
        )


EIGHT_BITS = (Gimp.Precision.U8_NON_LINEAR, Gimp.Precision.U8_PERCEPTUAL)
"""Images that eight bits with the sRGB curve carry without loss (8-bit linear is not one)."""


def _read_visible(image: Gimp.Image, rectangle: Rectangle, layout: Layout) -> bytes:
    """What the artist sees, with masks, modes and live filters; leaves the image as it was."""
    seen = Gimp.Layer.new_from_visible(image, image, "bottega")
    try:
        whole = Gegl.Rectangle.new(rectangle.x, rectangle.y, rectangle.width, rectangle.height)
        return read_pixels(seen, whole, layout)
    finally:
        seen.delete()
