"""One of Krita's documents as the shared actions see it: an Editor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from krita import Krita

from bottega_client.editor import ACTIVE, VISIBLE, Canvas, EditorError, LayerPixels, Snapshot
from bottega_protocol.images import MASK, Layout
from bottega_protocol.regions import Rectangle, Size, canvas_rectangle

from .colour import TRAVELS, layout_of, space_of
from .conversion import as_sent, grabbed
from .placing import built, insert
from .qt import QtCore
from .remembered import document_name, is_placed, keep_notes, notes, remember_placed
from .selection import read_mask, selected_box
from .stack import GROUP, SELECTION, active_layer, spot

if TYPE_CHECKING:
    from krita import Document, Node

    from .colour import Space
    from .conversion import Grab, Grabbed
    from .turns import Course
    from .ui_thread import UiThread

T = TypeVar("T")

TRIES_TO_READ = 3

KEPT = "The result is kept: it is among the recent ones, in the docker and in `bottega results`."


@dataclass(frozen=True)
class Origin:
    """What a result was painted from: canvas size, source, and the active layer."""

    size: Size
    source: str
    active: Node | None


@dataclass(frozen=True)
class Taken:
    """What was read in one turn, as Krita holds it."""

    canvas: Canvas
    space: Space
    pixels: list[Grabbed]
    mask: QtCore.QByteArray | None


class KritaDocument:
    """Reads one document and places the results of one order in it.

    It remembers what it was read from, and where what it placed lies.
    """

    def __init__(self, document: Document, ui: UiThread) -> None:
        self._document = document
        self._ui = ui
        self._origin: Origin | None = None
        self._placed: list[QtCore.QUuid] = []

    def on_ui(self, work: Callable[[], T]) -> T:
        """Run `work` on the UI thread, wait for it, hand over its value or its exception."""
        return self._ui.run(work)

    def canvas(self) -> Canvas:
        """Describe the document; raises EditorError for a closed one."""
        others = self._require_open("")
        size, layout = self._size(), layout_of(space_of(self._document))
        name = document_name(self._document, others)
        # What is painted from nothing is placed without ever being read.
        self._origin = self._origin or Origin(size, VISIBLE, active_layer(self._document))
        return Canvas(name, size, selected_box(self._document, size), layout)

    def read(self, rectangle: Rectangle, layout: Layout, source: str) -> Snapshot:
        """Read pixels and selection of a rectangle that lies inside the canvas, of one moment.

        In any colour space: what is not sRGB is converted, and what holds no number replaced.
        """
        return self._ui.in_turns(self._reading(rectangle, layout, source))

    def place(self, key: bytes, layers: Sequence[LayerPixels]) -> None:
        """Insert the layers, lowest first, as one undo step; a key is placed only once.

        In the colours that the document has by then. Raises EditorError when it is closed, or has
        another size.
        """
        self._ui.in_turns(self._placing(key, layers))

    def notes(self) -> str:
        """The panel's text that is kept in the document, "" at first."""
        self._require_open("")
        return notes(self._document)

    def keep_notes(self, text: str) -> None:
        """Keep the panel's text in the document, in place of what was there."""
        self._require_open("")
        keep_notes(self._document, text)

    def _size(self) -> Size:
        return Size(self._document.width(), self._document.height())

    def _reading(self, rectangle: Rectangle, layout: Layout, source: str) -> Course[Snapshot]:
        """The first turn takes everything, the others do with it what takes time."""
        taken = self._taken(rectangle, layout, source)
        pixels, odd = yield from as_sent(taken.pixels, taken.space, layout)
        if len(pixels) != rectangle.size.area * layout.pixel_bytes:
            raise EditorError("Krita did not hand over the pixels.", "Try another layer.")
        mask = None if taken.mask is None else bytes(taken.mask.data())
        return Snapshot(taken.canvas, rectangle, layout, pixels, mask, _remarks(odd))

    def _taken(self, rectangle: Rectangle, layout: Layout, source: str) -> Taken:
        """Pixels and mask of one moment, in the colours that they have."""
        self._require_open("")
        self._document.waitForDone()
        for _ in range(TRIES_TO_READ):
            canvas = self.canvas()
            _require_layout(canvas, layout)
            seen, grab = {VISIBLE: self._visible, ACTIVE: self._active}[source]()
            mask = self._mask(canvas, rectangle)
            pixels = grabbed(grab, rectangle)
            # Krita 5.3 and later handle events whenever pixels are asked for.
            if self.canvas() == canvas and self._mask(canvas, rectangle) == mask:
                self._origin = Origin(canvas.size, source, active_layer(self._document))
                return Taken(canvas, space_of(seen), pixels, mask)
        raise EditorError("The selection keeps changing.", "Let go of it and try again.")

    def _mask(self, canvas: Canvas, rectangle: Rectangle) -> QtCore.QByteArray | None:
        return None if canvas.selection is None else read_mask(self._document, rectangle)

    def _placing(self, key: bytes, layers: Sequence[LayerPixels]) -> Course[None]:
        """The last turn inserts what the others built."""
        space: Space | None = None
        node: Node | None = None
        # Meanwhile the artist may close it, convert it, or pick the same once more.
        while self._awaits(key, layers):
            now = space_of(self._document)
            if node is not None and now == space:
                self._insert(key, node)
                return
            space, node = now, (yield from built(now, layers))

    def _insert(self, key: bytes, node: Node) -> None:
        source = self._origin.source if self._origin else VISIBLE
        parent, above = spot(self._document, self._lies_on(), source)
        self._placed.append(insert(node, parent, above))
        remember_placed(self._document, key)
        if node.type() == GROUP:
            # Krita draws a new layer by itself, what a new group holds not.
            self._document.refreshProjection()

    def _visible(self) -> tuple[Document | Node, Grab]:
        """What the artist sees, which must be the picture alone."""
        active = self._document.activeNode()
        if active is not None and active.type() == SELECTION:
            raise EditorError(
                "The selection itself is active: Krita mixes its colour into the picture.",
                "Choose a layer in the Layers docker.",
            )
        return self._document, self._document.pixelData

    def _active(self) -> tuple[Document | Node, Grab]:
        """The active layer with its masks and, for a group, all that it holds."""
        node = active_layer(self._document)
        if node is None:
            raise EditorError("No layer is active.", "Choose a layer in the Layers docker.")
        return node, node.projectionPixelData

    def _lies_on(self) -> Node | None:
        """The layer that the next result belongs above: the last one, or what it came from."""
        known = self._placed[::-1]
        if self._origin and self._origin.active:
            known.append(self._origin.active.uniqueId())
        kept = filter(None, map(self._document.nodeByUniqueID, known))
        return next(kept, None) or active_layer(self._document)

    def _require_open(self, remedy: str) -> list[Document]:
        """All open documents; raises EditorError when this is none of them any more."""
        documents: list[Document] = Krita.instance().documents()
        if not any(self._document == other for other in documents):
            raise EditorError("The picture has been closed.", remedy)
        return documents

    def _awaits(self, key: bytes, layers: Sequence[LayerPixels]) -> bool:
        """Whether this is still to be placed; raises EditorError where it can't be."""
        self._require_open(KEPT)
        if is_placed(self._document, key):
            return False
        self._require_room(layers)
        return True

    def _require_room(self, layers: Sequence[LayerPixels]) -> None:
        """Raise EditorError where the layers' pixels or places make no sense."""
        size = self._size()
        was = self._origin.size if self._origin else size
        if size != was:
            raise EditorError(
                f"The picture's size has changed from {was.width} by {was.height} "
                f"to {size.width} by {size.height} since.",
                KEPT,
            )
        canvas = canvas_rectangle(size)
        if not all(canvas.intersect(content.layer.rectangle) for content in layers):
            raise EditorError("The result lies outside the picture.", KEPT)
        if not all(map(_is_whole, layers)):
            raise EditorError("The result's pixels don't fit this picture.", KEPT)


def _require_layout(canvas: Canvas, layout: Layout) -> None:
    if layout != canvas.layout:
        raise EditorError(
            f"The server asks for {layout.channels} {layout.depth} pixels, this picture has "
            f"{canvas.layout.channels} {canvas.layout.depth}.",
            "Use a plug-in and a server of the same release.",
        )


def _is_whole(content: LayerPixels) -> bool:
    """Whether a layer has the bytes that it says: Krita writes others wrongly without a word."""
    layer = content.layer
    area, layout = layer.rectangle.size.area, layer.pixels.layout
    right = layout in TRAVELS and len(content.pixels) == area * layout.pixel_bytes
    return right and (content.mask is None or len(content.mask) == area * MASK.pixel_bytes)


def _remarks(odd: int) -> tuple[str, ...]:
    if not odd:
        return ()
    held = "1 pixel holds" if odd == 1 else f"{odd} pixels hold"
    return (f"{held} no number (NaN or infinite). Read as black or white instead.",)
