"""Documents that nobody sees: Krita converts and builds in them what goes into the artist's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from krita import Krita

from bottega_client.editor import EditorError

from .colour import Space, in_words, space_of

if TYPE_CHECKING:
    from krita import Document

SIDE = 64
"""A scratch document's width and height; its layers may reach beyond them."""


@contextmanager
def scratch(space: Space) -> Iterator[Document]:
    """A document without a view in this colour space, closed without a question.

    Raises EditorError for a profile that this Krita does not have.
    """
    document = made(space)
    try:
        yield document
    finally:
        closed(document)


def made(space: Space) -> Document:
    """A document without a view in this colour space.

    Raises EditorError for a profile that this Krita does not have: it would take another one.
    """
    document = Krita.instance().createDocument(SIDE, SIDE, "Bottega", *space, 72.0)
    document.setBatchmode(True)
    if space_of(document) != space:
        closed(document)
        raise EditorError(
            f"Krita makes no other picture in this one's colours ({in_words(space)}).",
            "Image ▸ Convert Image Color Space…: choose a profile that Krita lists.",
        )
    return document


def closed(document: Document) -> None:
    """Close such a document."""
    document.waitForDone()
    document.setModified(False)
    document.close()
