"""Empty layers to be copied: one of each kind for a colour space, in a document that nobody sees.

Krita counts every added node as an undo step, and a layer's mask is one. A copy of a layer brings
its mask along; what is laid into the two before the copy is added is no step. The document is
kept: Krita takes a tenth of a second to make and close one, and keeps what was ever added to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .colour import Space
from .qt import QtCore
from .scratch import closed, made
from .turns import Course

if TYPE_CHECKING:
    from krita import Document, Node

MASK = "Selection"
"""The name of a result's mask in the Layers docker."""

MOST = 4
"""Colour spaces whose blanks are kept."""


@dataclass(frozen=True)
class Blanks:
    """A layer without a mask and one with a mask that hides everything."""

    document: Document
    plain: Node
    masked: Node


_kept: dict[Space, Blanks] = {}


def blank(space: Space, *, masked: bool) -> Course[Node]:
    """A new empty layer of no document, in these colours; the mask is its only child.

    Raises EditorError where Krita makes no document in these colours.
    """
    while space not in _kept:
        yield from _make(space)
    # The one that was used last comes last.
    blanks = _kept[space] = _kept.pop(space)
    if len(_kept) > MOST:
        closed(_kept.pop(next(iter(_kept))).document)
    # Krita would save by itself, and ask about, what counts as changed.
    blanks.document.setModified(False)
    return (blanks.masked if masked else blanks.plain).duplicate()


def _make(space: Space) -> Course[None]:
    if not _kept:
        # Krita 5.3 crashes at its end where a document is left.
        QtCore.QCoreApplication.instance().aboutToQuit.connect(_close_all)
    document = made(space)
    yield None
    plain, masked = (document.createNode("Bottega", "paintlayer") for _ in range(2))
    for node in (plain, masked):
        document.rootNode().addChildNode(node, None)
    mask = document.createTransparencyMask(MASK)
    mask.setPixelData(b"\0", 0, 0, 1, 1)
    masked.addChildNode(mask, None)
    document.waitForDone()
    yield None
    if space in _kept:
        # Krita handles events in every call: another result was quicker.
        closed(document)
    else:
        _kept[space] = Blanks(document, plain, masked)


def _close_all() -> None:
    while _kept:
        closed(_kept.popitem()[1].document)
