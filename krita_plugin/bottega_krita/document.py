"""One of Krita's documents as the shared actions see it: an Editor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from krita import Krita

from bottega_client.editor import ACTIVE, VISIBLE, Canvas, EditorError, LayerPixels, Snapshot
from bottega_protocol.images import MASK, Layout
from bottega_protocol.regions import Rectangle, Size

from .colour import layout_of, space_of
from .placing import insert
from .remembered import document_name, is_placed, keep_notes, notes, remember_placed
from .selection import read_mask, selected_box
from .stack import layer_of, spot

if TYPE_CHECKING:
    from krita import Document, Node

    from .ui_thread import UiThread

T = TypeVar("T")

KEPT = "The result is kept by the server: `bottega results list` shows it."


@dataclass(frozen=True)
class Origin:
    """What a result was painted from: canvas size, colour space, source, and the active layer."""

    size: Size
    space: tuple[str, str, str]
    source: str
    active: Node | None


class KritaDocument:
    """Reads one document and places one result in it. All but `on_ui` run on the UI thread."""

    def __init__(self, document: Document, ui: UiThread) -> None:
        self._document = document
        self._ui = ui
        self._origin: Origin | None = None

    def on_ui(self, work: Callable[[], T]) -> T:
        """Run `work` on the UI thread, wait for it, hand over its value or its exception."""
        return self._ui.run(work)

    def canvas(self) -> Canvas:
        """Describe the document; raises EditorError for a closed one or a foreign colour space."""
        others = self._require_open("")
        size, layout = self._size(), layout_of(self._document)
        name = document_name(self._document, others)
        return Canvas(name, size, selected_box(self._document, size), layout)

    def read(self, rectangle: Rectangle, layout: Layout, source: str) -> Snapshot:
        """Read pixels and selection of a rectangle that lies inside the canvas."""
        canvas = self.canvas()
        if layout != canvas.layout:
            raise EditorError(
                f"The server asks for {layout.channels} {layout.depth} pixels, this picture has "
                f"{canvas.layout.channels} {canvas.layout.depth}.",
                "Use a plug-in and a server of the same release.",
            )
        active = layer_of(self._document.activeNode())
        self._origin = Origin(canvas.size, space_of(self._document), source, active)
        pixels = {VISIBLE: self._visible, ACTIVE: self._active}[source](rectangle)
        if len(pixels) != rectangle.size.area * layout.pixel_bytes:
            raise EditorError("Krita did not hand over the pixels.", "Try another layer.")
        mask = None if canvas.selection is None else read_mask(self._document, rectangle)
        return Snapshot(canvas, rectangle, layout, pixels, mask)

    def notes(self) -> str:
        """The panel's text that is kept in the document, "" at first."""
        self._require_open("")
        return notes(self._document)

    def keep_notes(self, text: str) -> None:
        """Keep the panel's text in the document, in place of what was there."""
        self._require_open("")
        keep_notes(self._document, text)

    def place(self, job: bytes, layers: Sequence[LayerPixels]) -> None:
        """Insert the layers, lowest first, as one undo step; a job id is placed only once."""
        self._require_open(KEPT)
        if is_placed(self._document, job):
            return
        space = space_of(self._document)
        origin = self._origin or Origin(self._size(), space, VISIBLE, None)
        self._require_unchanged(origin)
        _require_layout(layers, layout_of(self._document))
        active = origin.active if self._holds(origin.active) else self._document.activeNode()
        parent, above = spot(self._document, layer_of(active), origin.source)
        insert(self._document, layers, parent, above)
        remember_placed(self._document, job)
        self._document.refreshProjection()

    def _size(self) -> Size:
        return Size(self._document.width(), self._document.height())

    def _visible(self, box: Rectangle) -> bytes:
        """What the artist sees, in the document's colour space."""
        self._document.waitForDone()
        return bytes(self._document.pixelData(box.x, box.y, box.width, box.height).data())

    def _active(self, box: Rectangle) -> bytes:
        """The active layer with its masks and, for a group, all that it holds."""
        node = layer_of(self._document.activeNode())
        if node is None:
            raise EditorError("No layer is active.", "Choose a layer in the Layers docker.")
        if space_of(node) != space_of(self._document):
            raise EditorError(
                f"The layer “{node.name()}” has another colour space than the picture.",
                "Layer ▸ Convert ▸ Convert Layer Color Space…, or use the visible picture.",
            )
        self._document.waitForDone()
        return bytes(node.projectionPixelData(box.x, box.y, box.width, box.height).data())

    def _require_open(self, remedy: str) -> list[Document]:
        """All open documents; raises EditorError when this is none of them any more."""
        documents: list[Document] = Krita.instance().documents()
        if not any(self._document == other for other in documents):
            raise EditorError("The picture has been closed.", remedy)
        return documents

    def _require_unchanged(self, origin: Origin) -> None:
        size = self._size()
        if size != origin.size:
            raise EditorError(
                f"The picture's size has changed from {origin.size.width} by {origin.size.height} "
                f"to {size.width} by {size.height} since.",
                KEPT,
            )
        if space_of(self._document) != origin.space:
            raise EditorError("The picture has been converted since.", KEPT)

    def _holds(self, node: Node | None) -> bool:
        """Whether a layer is still in the document."""
        return node is not None and self._document.nodeByUniqueID(node.uniqueId()) is not None


def _require_layout(layers: Sequence[LayerPixels], layout: Layout) -> None:
    """Raise EditorError for pixels that don't fit: Krita writes those wrongly without a word."""
    for content in layers:
        layer = content.layer
        area = layer.rectangle.size.area
        right = layer.pixels.layout == layout and len(content.pixels) == area * layout.pixel_bytes
        masked = content.mask is None or len(content.mask) == area * MASK.pixel_bytes
        if not (right and masked):
            raise EditorError("The result's pixels don't fit this picture.", KEPT)
