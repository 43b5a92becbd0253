"""How a result becomes layers: built in a document of their own, inserted in one undo step.

Krita counts every added node as an undo step, and a layer's mask is one. So layer and mask are
put together in a scratch document that nobody sees, and a duplicate of the whole is added.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from krita import Krita

from bottega_client.editor import EditorError, LayerPixels

from .colour import space_of
from .qt import QtCore

if TYPE_CHECKING:
    from krita import Document, Node

FULL = 255
"""Krita's opacity of a layer that hides what is below."""

MASK = "Selection"
"""The name of a result's mask in the Layers docker."""

SIDE = 64
"""A scratch document's width and height; its layers may reach beyond them."""


def insert(
    document: Document, layers: Sequence[LayerPixels], parent: Node, above: Node | None
) -> None:
    """Add the layers, lowest first, over `above`; several become a group. One undo step."""
    with _scratch(document) as scratch:
        whole = _build(scratch, layers)
        if not parent.addChildNode(whole.duplicate(), above):
            raise EditorError("Krita did not take the new layer.", "Unlock its group, try again.")


@contextmanager
def _scratch(document: Document) -> Iterator[Document]:
    """A document without a view in the same colour space, closed without a question."""
    scratch = Krita.instance().createDocument(SIDE, SIDE, "Bottega", *space_of(document), 72.0)
    scratch.setBatchmode(True)
    try:
        yield scratch
    finally:
        scratch.waitForDone()
        scratch.setModified(False)
        scratch.close()


def _build(scratch: Document, layers: Sequence[LayerPixels]) -> Node:
    """One node that holds all layers."""
    if len(layers) == 1:
        return _add_layer(scratch, scratch.rootNode(), layers[0])
    group = scratch.createGroupLayer(layers[-1].layer.name)
    scratch.rootNode().addChildNode(group, None)
    for layer in layers:
        _add_layer(scratch, group, layer)
    return group


def _add_layer(scratch: Document, parent: Node, content: LayerPixels) -> Node:
    """A paint layer with its pixels and its mask, above what `parent` holds already."""
    layer, box = content.layer, content.layer.rectangle
    node = scratch.createNode(layer.name, "paintlayer")
    place = (box.x, box.y, box.width, box.height)
    node.setPixelData(QtCore.QByteArray(content.pixels), *place)
    node.setOpacity(round(layer.opacity * FULL))
    parent.addChildNode(node, None)
    if content.mask is not None:
        mask = scratch.createTransparencyMask(MASK)
        mask.setPixelData(QtCore.QByteArray(content.mask), *place)
        node.addChildNode(mask, None)
    return node
