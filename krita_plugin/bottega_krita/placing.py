"""How a result becomes layers: built without a document, inserted in one undo step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bottega_client.editor import EditorError, LayerPixels

from .blanks import blank
from .colour import Space
from .conversion import as_laid, cut
from .qt import QtCore
from .scratch import scratch
from .turns import Course

if TYPE_CHECKING:
    from krita import Node

FULL = 255
"""Krita's opacity of a layer that hides what is below."""


def built(space: Space, layers: Sequence[LayerPixels]) -> Course[Node]:
    """One node of no document that holds the layers, lowest first, in these colours.

    Several become a group.
    """
    nodes = []
    for content in layers:
        node = yield from _layer(space, content)
        nodes.append(node)
    return nodes[0] if len(nodes) == 1 else _group(space, layers[-1].layer.name, nodes)


def insert(node: Node, parent: Node, above: Node | None) -> QtCore.QUuid:
    """Add `node` over `above`, as one undo step; returns its id. Krita draws it at once."""
    if not parent.addChildNode(node, above):
        raise EditorError("Krita did not take the new layer.", "Unlock its group, try again.")
    # What was added is a copy that Krita made of it, under the same id.
    return node.uniqueId()


def _layer(space: Space, content: LayerPixels) -> Course[Node]:
    """A paint layer with its pixels and its mask."""
    layer, box = content.layer, content.layer.rectangle
    node = yield from blank(space, masked=content.mask is not None)
    node.setName(layer.name)
    node.setOpacity(round(layer.opacity * FULL))
    yield None
    yield from as_laid(content.pixels, box, layer.pixels.layout, space, node.setPixelData)
    if content.mask is not None:
        (mask,) = node.childNodes()
        for part, coverage in cut(content.mask, box):
            place = (part.x, part.y, part.width, part.height)
            mask.setPixelData(QtCore.QByteArray(coverage), *place)
            yield None
    return node


def _group(space: Space, name: str, nodes: Sequence[Node]) -> Node:
    """A group that holds the nodes. Krita counts steps for it, in a document that is closed."""
    with scratch(space) as document:
        group = document.createGroupLayer(name)
        for node in nodes:
            group.addChildNode(node, None)
        return group.duplicate()
