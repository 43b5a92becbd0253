"""An Editor over arrays: a picture, a selection, and the layers that were placed."""

import threading

import numpy as np

from bottega_client.editor import Canvas, EditorError, Snapshot
from bottega_protocol.images import Layout
from bottega_protocol.regions import Rectangle, Size

LAYOUT = Layout("RGBA", "u8")


class Paper:
    """A random opaque picture with a box of it selected."""

    def __init__(self, width=256, height=192, box=(60, 50, 70, 40)):
        values = np.random.default_rng(3).integers(0, 256, (height, width, 4), np.uint8)
        values[..., 3] = 255
        self.picture = values
        self.mask = np.zeros((height, width), np.uint8)
        x, y, across, down = box
        self.mask[y : y + down, x : x + across] = 255
        self.document = "paper/1"
        self.placed = []
        self.text = ""
        self.reads = 0
        self.on_read = lambda: None
        self.refuse = None
        self.ui = threading.RLock()

    def canvas(self):
        """Size and selection as they are now."""
        rows, columns = (np.nonzero(self.mask.any(axis=axis))[0] for axis in (1, 0))
        selection = None
        if rows.size:
            x, y = int(columns[0]), int(rows[0])
            selection = Rectangle(x, y, int(columns[-1]) - x + 1, int(rows[-1]) - y + 1)
        height, width = self.mask.shape
        return Canvas(self.document, Size(width, height), selection, LAYOUT)

    def read(self, rectangle, layout, source):  # noqa: ARG002  # one source is all there is
        """Pixels and mask of a rectangle."""
        self.reads += 1
        self.on_read()
        part = np.s_[rectangle.y : rectangle.bottom, rectangle.x : rectangle.right]
        return Snapshot(
            self.canvas(),
            rectangle,
            layout,
            self.picture[part].tobytes(),
            self.mask[part].tobytes() if self.mask.any() else None,
        )

    def place(self, key, layers):
        """Remember the layers, of each key once."""
        if self.refuse:
            raise EditorError(self.refuse)
        if key not in dict(self.placed):
            self.placed.append((key, tuple(layers)))

    def notes(self):
        """The text that is kept with the picture."""
        return self.text

    def keep_notes(self, text):
        """Keep a text with the picture."""
        self.text = text

    def on_ui(self, work):
        """One at a time, as on a UI thread."""
        with self.ui:
            return work()
