"""A window for looking closer at the variations of a job, and for placing the one in view."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bottega_krita.icons import icon
from bottega_krita.qt import QtCore, QtGui, QtWidgets

from .line import Line
from .picture import Picture

if TYPE_CHECKING:
    from bottega_client.entries import Entry, Zoomed
    from bottega_client.thumbnails import Thumbnail

MOST_SIDE = 1024
SHARE = 0.6
"""Of the screen's width and height that it may take at first."""

TURNS = {QtCore.Qt.Key.Key_Left: -1, QtCore.Qt.Key.Key_Right: 1}


class Zoom(QtWidgets.QDialog):
    """Not modal: one can go on painting. Arrow keys turn the page, Escape closes."""

    wanted = QtCore.pyqtSignal(bytes, int, int)
    placed = QtCore.pyqtSignal(bytes, tuple)

    def __init__(self, parent: QtWidgets.QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("bottega_zoom")
        self.setWindowTitle("Bottega")
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self._entry: Entry | None = None
        self._variation = 0
        self._picture = Picture("bottega_zoom_picture", "Variation")
        self._text = Line("bottega_zoom_text", "Variation")
        self._before = _turner("bottega_zoom_before", "Previous variation", "arrow-left")
        self._after = _turner("bottega_zoom_after", "Next variation", "arrow-right")
        self._place = QtWidgets.QPushButton("Place")
        self._place.setObjectName("bottega_zoom_place")
        self._place.setAccessibleName("Place this variation")
        self._place.setDefault(True)
        self._before.clicked.connect(lambda: self._turn(-1))
        self._after.clicked.connect(lambda: self._turn(1))
        self._place.clicked.connect(self._ask_to_place)
        self._lay_out()

    def look_at(self, entry: Entry, variation: int) -> None:
        """Show a variation: its thumbnail until the larger picture comes."""
        self._entry = entry
        if not self.isVisible():
            self._size_to_screen(entry.variations[variation].thumbnail)
        self.show()
        self.raise_()
        self.activateWindow()
        # Not on a button: there arrows would go from one button to the next.
        self.setFocus()
        self.layout().activate()
        self._show(variation)

    def show_entry(self, entry: Entry) -> None:
        """The entry has news."""
        if self._entry is not None and entry.job == self._entry.job:
            self._entry = entry
            self._say()

    def show_picture(self, zoomed: Zoomed) -> None:
        """The larger picture has come."""
        entry = self._entry
        if entry is not None and (zoomed.job, zoomed.variation) == (entry.job, self._variation):
            picture = zoomed.picture
            self._picture.show_rgb(picture.width, picture.height, picture.rgb)

    def event(self, event: QtCore.QEvent) -> bool:
        """Keep the arrows from Krita's shortcuts."""
        if event.type() == QtCore.QEvent.Type.ShortcutOverride and event.key() in TURNS:
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:  # noqa: N802  # Qt's name
        """Arrows turn the page."""
        if event.key() in TURNS:
            self._turn(TURNS[event.key()])
        else:
            super().keyPressEvent(event)

    def _turn(self, step: int) -> None:
        if self._entry is not None and self._entry.variations:
            self._show((self._variation + step) % len(self._entry.variations))

    def _show(self, variation: int) -> None:
        if self._entry is None:
            return
        self._variation = variation
        small = self._entry.variations[variation].thumbnail
        self._picture.show_rgb(small.width, small.height, small.rgb)
        self._say()
        side = round(min(self._picture.width(), self._picture.height()) * self.devicePixelRatioF())
        self.wanted.emit(self._entry.job, variation, min(max(side, 256), MOST_SIDE))

    def _say(self) -> None:
        if self._entry is None:
            return
        shown, several = self._entry.variations[self._variation], len(self._entry.variations)
        self._text.say(f"{self._variation + 1} of {several}, seed {shown.seed}")
        self._place.setEnabled(not shown.placed)
        self._place.setText("Placed" if shown.placed else "Place")
        for turner in (self._before, self._after):
            turner.setVisible(several > 1)

    def _ask_to_place(self) -> None:
        if self._entry is not None:
            self.placed.emit(self._entry.job, (self._variation,))

    def _size_to_screen(self, shape: Thumbnail) -> None:
        """As large as the screen lets it, in the picture's proportions."""
        room = self.parentWidget().screen().availableGeometry().size() * SHARE
        size = QtCore.QSize(shape.width, shape.height)
        self._picture.setMinimumSize(size.scaled(room, QtCore.Qt.AspectRatioMode.KeepAspectRatio))
        self.adjustSize()
        self._picture.setMinimumSize(0, 0)

    def _lay_out(self) -> None:
        row = QtWidgets.QHBoxLayout()
        row.addWidget(self._before)
        row.addWidget(self._after)
        row.addWidget(self._text, 1)
        row.addWidget(self._place)
        column = QtWidgets.QVBoxLayout(self)
        column.addWidget(self._picture, 1)
        column.addLayout(row)


def _turner(name: str, title: str, picture: str) -> QtWidgets.QToolButton:
    button = QtWidgets.QToolButton()
    button.setObjectName(name)
    button.setAccessibleName(title)
    button.setToolTip(title)
    button.setIcon(icon(picture))
    return button
