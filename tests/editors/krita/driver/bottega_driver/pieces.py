"""What scenarios make documents and results of."""

from bottega_krita._vendor.bottega_client.editor import LayerPixels
from bottega_krita._vendor.bottega_protocol.errors import BottegaError
from bottega_krita._vendor.bottega_protocol.images import MASK, Layout, describe
from bottega_krita._vendor.bottega_protocol.results import Layer
from krita import Selection

from bottega_krita.conversion import converted, cut
from bottega_krita.ui_thread import UiThread

from .qt import QtCore

BYTES = Layout("BGRA", "u8")


def add(document, name, parent=None, above=None):
    """A paint layer, on top unless it shall lie elsewhere."""
    node = document.createNode(name, "paintlayer")
    (parent or document.rootNode()).addChildNode(node, above)
    return node


def write(node, box, pixels):
    node.setPixelData(QtCore.QByteArray(pixels), *plain(box))


def activate(document, name):
    """Make a layer active, which Krita does when the document's view is there."""
    yield lambda: document.activeNode() is not None
    document.setActiveNode(document.nodeByName(name))
    yield lambda: document.activeNode().name() == name


def select(document, box, mask):
    selection = Selection()
    selection.setPixelData(QtCore.QByteArray(mask), *plain(box))
    document.setSelection(selection)


def content(name, box, layout, pixels, mask):
    """A layer as it comes from the server."""
    image = describe(pixels, box.size, layout)
    coverage = None if mask is None else describe(mask, box.size, MASK)
    return LayerPixels(Layer(name, box, image, coverage), pixels, mask)


def red(box, mask, name="red"):
    return content(name, box, BYTES, b"\0\0\xff\xff" * box.size.area, mask)


def convert(pixels, box, source, target):
    """Pixels of a rectangle in another colour space."""
    parts = []
    course = converted(cut(pixels, box), source, target, lambda part, *_: parts.append(part))
    UiThread().in_turns(course)
    return b"".join(bytes(part.data()) for part in parts)


def refusal(work):
    """What the artist is told, if anything."""
    try:
        work()
    except BottegaError as error:
        return [error.message, error.remedy]
    return None


def plain(box):
    return [box.x, box.y, box.width, box.height]
