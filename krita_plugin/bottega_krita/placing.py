"""How a result becomes layers: built in a document of their own, inserted in one undo step.

Krita counts every added node as an undo step, and a layer's mask is one. So layer and mask are
put together in a scratch document that nobody sees, and a duplicate of the whole is added.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bottega_client.editor import EditorError, LayerPixels

from .colour import Space, space_of
from .conversion import converted
from .qt import QtCore
from .scratch import scratch

if TYPE_CHECKING:
    from krita import Document, Node

FULL = 255
"""Krita's opacity of a layer that hides what is below."""

MASK = "Selection"
"""The name of a result's mask in the Layers docker."""


@contextmanager
def built(space: Space, layers: Sequence[LayerPixels]) -> Iterator[Node]:
    """One node that holds the layers, lowest first, in these colours; several become a group.

    It belongs to a document that nobody sees: `insert` a duplicate. Krita handles events while
    the pixels are converted.
    """
    with scratch(space) as workshop:
        yield _build(workshop, layers)


def insert(node: Node, parent: Node, above: Node | None) -> QtCore.QUuid:
    """Add a duplicate of `node` over `above`, as one undo step; returns its id."""
    whole = node.duplicate()
    if not parent.addChildNode(whole, above):
        raise EditorError("Krita did not take the new layer.", "Unlock its group, try again.")
    # What was added is a copy that Krita made of it, under the same id.
    return whole.uniqueId()


def _build(workshop: Document, layers: Sequence[LayerPixels]) -> Node:
    """One node that holds all layers."""
    if len(layers) == 1:
        return _add_layer(workshop, workshop.rootNode(), layers[0])
    group = workshop.createGroupLayer(layers[-1].layer.name)
    workshop.rootNode().addChildNode(group, None)
    for layer in layers:
        _add_layer(workshop, group, layer)
    return group


def _add_layer(workshop: Document, parent: Node, content: LayerPixels) -> Node:
    """A paint layer with its pixels and its mask, above what `parent` holds already."""
    layer, box = content.layer, content.layer.rectangle
    node = workshop.createNode(layer.name, "paintlayer")
    own = space_of(workshop)
    for strip, pixels in converted(content.pixels, box, layer.pixels.layout, own):
        where = (strip.x, strip.y, strip.width, strip.height)
        node.setPixelData(QtCore.QByteArray(pixels), *where)
    node.setOpacity(round(layer.opacity * FULL))
    parent.addChildNode(node, None)
    if content.mask is not None:
        mask = workshop.createTransparencyMask(MASK)
        mask.setPixelData(QtCore.QByteArray(content.mask), box.x, box.y, box.width, box.height)
        node.addChildNode(mask, None)
    return node
