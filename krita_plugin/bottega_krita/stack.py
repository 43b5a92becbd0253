"""Where in the layer stack a result belongs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bottega_client.editor import VISIBLE

if TYPE_CHECKING:
    from krita import Document, Node

GROUP = "grouplayer"
SELECTION = "selectionmask"
MASKS = ("transparencymask", "filtermask", "transformmask", SELECTION, "colorizemask")
"""Nodes that are no layers. The document's selection is one, at the top of the stack."""

OPAQUE = 255


def is_layer(node: Node) -> bool:
    """Whether a node is a layer; masks and Krita's own decorations (no type) are not."""
    return bool(node.type()) and node.type() not in MASKS


def layer_of(node: Node | None) -> Node | None:
    """The layer that an active node belongs to: itself, or the one whose mask it is."""
    while node is not None and not is_layer(node):
        node = node.parentNode()
    return node


def active_layer(document: Document) -> Node | None:
    """The layer that is active, or whose mask is; None when it is the document's selection."""
    layer = layer_of(document.activeNode())
    return None if layer is None or layer == document.rootNode() else layer


def spot(document: Document, active: Node | None, source: str) -> tuple[Node, Node | None]:
    """The parent of a new layer and the layer that it comes to lie on.

    That is directly above the active one, or above the group around it that is locked. What was
    painted from the visible picture goes to the top of the stack where something visible lies
    above the active layer, or where its group would show the result otherwise than it was painted.
    """
    root = document.rootNode()
    if active is None or (source == VISIBLE and not _shows_last(root, active)):
        return root, _highest(root)
    for group in _groups(active):
        active = group if group.locked() else active
    return active.parentNode() or root, active


def _groups(node: Node) -> Iterator[Node]:
    """The groups around a layer from the inmost, without the root."""
    group = node.parentNode()
    while group is not None and group.parentNode() is not None:
        yield group
        group = group.parentNode()


def _highest(parent: Node) -> Node | None:
    layers = [node for node in parent.childNodes() if is_layer(node)]
    return layers[-1] if layers else None


def _shows_last(root: Node, node: Node) -> bool:
    """Whether a layer directly above `node` is seen over all others, just as it is."""
    parent = node.parentNode()
    while parent is not None:
        if any(other.visible() for other in _above(parent, node)):
            return False
        if parent == root:
            return True
        if not _is_plain(parent):
            return False
        node, parent = parent, parent.parentNode()
    return True


def _above(parent: Node, node: Node) -> list[Node]:
    layers = [child for child in parent.childNodes() if is_layer(child)]
    return layers[layers.index(node) + 1 :]


def _is_plain(group: Node) -> bool:
    """Whether a group shows its content unaltered."""
    return (
        group.visible()
        and group.opacity() == OPAQUE
        and group.blendingMode() == "normal"
        and not group.inheritAlpha()
        and not any(child.visible() for child in group.childNodes() if not is_layer(child))
    )
