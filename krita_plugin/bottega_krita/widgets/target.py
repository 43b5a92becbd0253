"""Which picture the result goes into: the one in front, or a new one of a size of its own."""

from __future__ import annotations

from bottega_client.choose import HERE, LEAST_SIDE, MOST_SIDE, NEW, NEW_SIDE, SIDE_STEP, TARGETS
from bottega_krita.qt import QtCore, QtWidgets

from .choice import Choice
from .numbers import whole


class TargetRow(QtWidgets.QWidget):
    """A choice, and width by height in pixels where it is a new picture."""

    changed = QtCore.pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.choice = Choice("bottega_target", "Into")
        self.choice.offer(TARGETS)
        self.choice.currentIndexChanged.connect(self._show)
        self.width_field = _side("bottega_new_width", "Width of the new picture")
        self.height_field = _side("bottega_new_height", "Height of the new picture")
        sides = QtWidgets.QHBoxLayout()
        sides.setSpacing(4)
        self._by = QtWidgets.QLabel("by")
        for part, stretch in ((self.width_field, 1), (self._by, 0), (self.height_field, 1)):
            sides.addWidget(part, stretch)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.choice)
        column.addLayout(sides)
        self._show()

    def target(self) -> str:
        """One of the targets."""
        return self.choice.chosen() or HERE

    def new_size(self) -> tuple[int, int]:
        """Width and height of the new picture, zeros for the one in front."""
        if self.target() != NEW:
            return (0, 0)
        return (int(self.width_field.value()), int(self.height_field.value()))

    def show_size(self, width: int, height: int) -> None:
        """Take a wish's size back; zeros are the picture in front."""
        if width and height:
            self.width_field.setValue(width)
            self.height_field.setValue(height)
        self.choice.choose(NEW if width and height else HERE)

    def _show(self, *_: object) -> None:
        for part in (self.width_field, self._by, self.height_field):
            part.setVisible(self.target() == NEW)
        self.changed.emit()


def _side(name: str, title: str) -> QtWidgets.QSpinBox:
    spin = whole(name, title, (LEAST_SIDE, MOST_SIDE))
    spin.setSingleStep(SIDE_STEP)
    spin.setSuffix(" px")
    spin.setValue(NEW_SIDE)
    return spin
