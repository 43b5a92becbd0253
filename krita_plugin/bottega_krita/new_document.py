"""A document that is made for a result: it opens in a view of its own, in Krita's own sRGB."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krita import Krita

from bottega_client.editor import EditorError
from bottega_client.new_picture import NewPicture
from bottega_protocol.images import Layout

from .document import KritaDocument
from .remembered import give_name

if TYPE_CHECKING:
    from bottega_protocol.regions import Size

    from .ui_thread import UiThread

LAYOUT = Layout("BGRA", "u8")
DENSITY = 300.0
"""Pixels per inch of the new document."""


def new_document(size: Size, ui: UiThread) -> NewPicture:
    """An Editor whose document is made when the first layer is placed."""
    return NewPicture(size, LAYOUT, ui.run, lambda name: _make(size, name, ui))


def _make(size: Size, name: str, ui: UiThread) -> KritaDocument:
    krita = Krita.instance()
    window = krita.activeWindow()
    if window is None:
        raise EditorError("Krita has no window open.", "The result is kept: look in Recent.")
    document = krita.createDocument(size.width, size.height, "Bottega", "RGBA", "U8", "", DENSITY)
    give_name(document, name)
    window.addView(document)
    return KritaDocument(document, ui)
