"""One GIMP image as an Editor: reads pixels and selection, places layers."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import TypeVar

from bottega_client.bounds import tight_bounds
from bottega_client.editor import ACTIVE, VISIBLE, Canvas, EditorError, LayerPixels, Snapshot
from bottega_protocol.images import Layout
from bottega_protocol.regions import Rectangle, Size, canvas_rectangle

from .finite import non_finite_pixels
from .gimp import Gegl, Gimp
from .parasites import read_text, write_text
from .pixels import BYTES, WORDS, read_mask, read_pixels
from .placing import insert
from .precision import holds_floats, is_deep
from .ui_thread import UiThread

T = TypeVar("T")

DOCUMENT = "bottega-document"
PLACED = "bottega-placed"
NOTES = "bottega-notes"
MOST_PLACED = 256
"""So many job ids are remembered in the image, the latest ones."""

KEPT = "The result is kept: look in Recent, in the Bottega window."
PROBE = Layout("RGBA", "f32", "linear")
NO_NUMBERS = (
    "{} of the picture {} not a number (NaN or infinite). The model sees black or white there, and "
    "GIMP keeps it under the result. Image > Precision > 16-bit integer, and back, takes it away."
)

Remark = Callable[[str], object]
"""Told, on the UI thread, what the artist should know though nothing went wrong."""


class Drawing:
    """An image and the layer that was active when it was asked for."""

    def __init__(
        self,
        image: Gimp.Image,
        layer: Gimp.Layer | None,
        ui: UiThread,
        remark: Remark = lambda _: None,
    ) -> None:
        self._image = image
        self._active = layer
        self._ui = ui
        self._remark = remark
        self._source = VISIBLE
        self._asked_size: Size | None = None
        self.placed: Gimp.Layer | None = None

    def canvas(self) -> Canvas:
        """Describe the image; raises EditorError for a closed or an indexed one."""
        image = self._open_image()
        size = Size(image.get_width(), image.get_height())
        deep = is_deep(image)
        # What is painted from nothing is placed without ever being read.
        self._asked_size = self._asked_size or size
        return Canvas(self._document(), size, self._selection(deep=deep), WORDS if deep else BYTES)

    def read(self, rectangle: Rectangle, layout: Layout, source: str) -> Snapshot:
        """Read what is visible, or the active layer alone, and the selection, if there is one."""
        return self._ui.call(lambda: self._taken(rectangle, layout, source))

    def place(self, key: bytes, layers: Sequence[LayerPixels]) -> None:
        """Insert the layers as one undo step, unless this key has been placed before."""
        self._ui.call(lambda: self._insert(key, layers))

    def notes(self) -> str:
        """The text that was kept in this image, "" at first."""
        return read_text(self._open_image(KEPT), NOTES) or ""

    def keep_notes(self, text: str) -> None:
        """Keep a text in the image, in place of what was there."""
        write_text(self._open_image(KEPT), NOTES, text)

    def on_ui(self, work: Callable[[], T]) -> T:
        """Run `work` where GIMP may be talked to."""
        return self._ui.call(work)

    def _taken(self, rectangle: Rectangle, layout: Layout, source: str) -> Snapshot:
        image = self._open_image()
        canvas = self.canvas()
        self._source, self._asked_size = source, canvas.size
        seen = self._active_pixels if source == ACTIVE else self._visible_pixels
        pixels, probe = seen(rectangle, (layout, PROBE) if holds_floats(image) else (layout,))
        self._tell_of(non_finite_pixels(probe) if probe else 0)
        mask = None if canvas.selection is None else read_mask(image.get_selection(), rectangle)
        return Snapshot(canvas, rectangle, layout, pixels, mask)

    def _insert(self, key: bytes, layers: Sequence[LayerPixels]) -> None:
        image = self._open_image(KEPT)
        placed = (read_text(image, PLACED) or "").split()
        if key.hex() in placed or not layers:
            return
        size = Size(image.get_width(), image.get_height())
        outside = any(
            canvas_rectangle(size).intersect(each.layer.rectangle) is None for each in layers
        )
        if outside or size != (self._asked_size or size):
            # Its place in the picture is not where it was.
            raise EditorError("The image has another size now.", KEPT)
        self.placed = insert(image, self._active, layers, on_top=self._source == VISIBLE)
        write_text(image, PLACED, " ".join([*placed, key.hex()][-MOST_PLACED:]))

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
        selection = self._image.get_selection()
        return tight_bounds(bounds, lambda part: read_mask(selection, part))

    def _active_pixels(
        self, rectangle: Rectangle, layouts: Sequence[Layout]
    ) -> tuple[bytes, bytes]:
        if self._active is None or not self._active.is_valid():
            raise EditorError("The layer is gone.", "Pick another layer and try again.")
        _, left, top = self._active.get_offsets()
        x, y = rectangle.x - left, rectangle.y - top
        return _read(
            self._active, Gegl.Rectangle.new(x, y, rectangle.width, rectangle.height), layouts
        )

    def _visible_pixels(
        self, rectangle: Rectangle, layouts: Sequence[Layout]
    ) -> tuple[bytes, bytes]:
        """What the artist sees, with masks, modes and live filters; leaves the image as it was."""
        seen = Gimp.Layer.new_from_visible(self._image, self._image, "bottega")
        try:
            whole = Gegl.Rectangle.new(rectangle.x, rectangle.y, rectangle.width, rectangle.height)
            return _read(seen, whole, layouts)
        finally:
            seen.delete()

    def _tell_of(self, count: int) -> None:
        if count:
            pixels = ("1 pixel", "is") if count == 1 else (f"{count} pixels", "are")
            self._remark(NO_NUMBERS.format(*pixels))


def _read(
    layer: Gimp.Layer, part: Gegl.Rectangle, layouts: Sequence[Layout]
) -> tuple[bytes, bytes]:
    """A part, in the layer's own coordinates, in one layout or in two."""
    pixels, *probe = (read_pixels(layer, part, layout) for layout in layouts)
    return pixels, probe[0] if probe else b""
