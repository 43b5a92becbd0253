"""What the panel follows of the document in front, cheap enough to be looked at all the time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from krita import Krita

if TYPE_CHECKING:
    from krita import Document


@dataclass(frozen=True)
class Context:
    """A document as far as a plan depends on it: who it is, how large, and where is selected."""

    document: str = ""
    size: tuple[int, int] = (0, 0)
    selection: tuple[int, int, int, int] | None = None

    @property
    def selected(self) -> bool:
        """Whether there is anything selected."""
        return self.selection is not None


def in_front() -> Document | None:
    """The document whose window is in front."""
    return Krita.instance().activeDocument()


def look(document: Document | None) -> Context:
    """The context of a document; an empty one without any."""
    root = None if document is None else document.rootNode()
    if document is None or root is None:
        return Context()
    size = (document.width(), document.height())
    return Context(root.uniqueId().toString(), size, _selected(document))


def _selected(document: Document) -> tuple[int, int, int, int] | None:
    selection = document.selection()
    if selection is None or selection.width() <= 0 or selection.height() <= 0:
        return None
    return (selection.x(), selection.y(), selection.width(), selection.height())
