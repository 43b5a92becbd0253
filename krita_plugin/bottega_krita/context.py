"""What the panel follows of the document in front, cheap enough to be looked at all the time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from krita import Krita

from bottega_client.sight import Sight

if TYPE_CHECKING:
    from krita import Document


def in_front() -> Document | None:
    """The document whose window is in front."""
    return Krita.instance().activeDocument()


def look(document: Document | None) -> Sight:
    """The context of a document; an empty one without any."""
    root = None if document is None else document.rootNode()
    if document is None or root is None:
        return Sight()
    size = (document.width(), document.height())
    return Sight(root.uniqueId().toString(), size, _selected(document))


def _selected(document: Document) -> tuple[int, int, int, int] | None:
    selection = document.selection()
    if selection is None or selection.width() <= 0 or selection.height() <= 0:
        return None
    return (selection.x(), selection.y(), selection.width(), selection.height())
