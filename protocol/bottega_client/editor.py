"""What the shared actions need of an editor: a canvas, its pixels, and a place for layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from bottega_protocol.errors import BottegaError
from bottega_protocol.images import Layout
from bottega_protocol.regions import Rectangle, Size
from bottega_protocol.results import Layer

T = TypeVar("T")

VISIBLE = "visible"
ACTIVE = "active"
SOURCES = (VISIBLE, ACTIVE)
"""What a capability sees: the visible picture, or the active layer alone."""


class EditorError(BottegaError):
    """The editor can't do what is asked: no selection, an unknown colour model, a closed image."""

    code = "editor-error"


@dataclass(frozen=True)
class Canvas:
    """A document as it is now.

    `selection` is the tight bounding box of the selected pixels inside the canvas, or None
    without any. `layout` is how the document's pixels are best sent. `document` is the reply
    address: it stays the same while the document is open and survives saving.
    """

    document: str
    size: Size
    selection: Rectangle | None
    layout: Layout


@dataclass(frozen=True)
class Snapshot:
    """Pixels and selection of one rectangle, read in one turn of the editor's UI.

    `pixels` in the layout that was asked for, `mask` one byte a pixel (0 keep, 255 paint), both
    row by row without padding. There is no mask where nothing is selected. `remarks` are sentences
    for the artist: pixels that hold no number, for one.
    """

    canvas: Canvas
    rectangle: Rectangle
    layout: Layout
    pixels: bytes
    mask: bytes | None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class LayerPixels:
    """A layer of a result together with its bytes."""

    layer: Layer
    pixels: bytes
    mask: bytes | None


class Editor(Protocol):
    """One document in Krita or GIMP.

    `read`, `place` and `on_ui` are called on any thread and see to it themselves that what has to
    be is done on the UI thread, in turns of some milliseconds; the others on the UI thread.
    """

    def canvas(self) -> Canvas:
        """Describe the document; raises EditorError where it can't be worked on."""
        ...

    def read(self, rectangle: Rectangle, layout: Layout, source: str) -> Snapshot:
        """Read pixels and selection of a rectangle that lies inside the canvas."""
        ...

    def place(self, key: bytes, layers: Sequence[LayerPixels]) -> None:
        """Insert the layers, lowest first, as one undo step; a key is placed only once.

        The key (`placing.placing_key`) has 16 bytes, and is remembered in the document. Raises
        EditorError when the document is gone or no longer fits.
        """
        ...

    def notes(self) -> str:
        """The text that `keep_notes` left in this document, "" at first."""
        ...

    def keep_notes(self, text: str) -> None:
        """Keep a text of ours inside the document, with what it is saved with; no undo step."""
        ...

    def on_ui(self, work: Callable[[], T]) -> T:
        """Run `work` on the UI thread, wait for it, hand over its value or its exception."""
        ...
