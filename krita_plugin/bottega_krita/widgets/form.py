"""Rows of a label and a field, aligned: the labels of every form in the docker are equally wide."""

from __future__ import annotations

from bottega_krita.qt import QtCore, QtWidgets

WIDEST = "Variations"


class Form(QtWidgets.QWidget):
    """Fields below each other; a label belongs to its field for the keyboard and for readers."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QtWidgets.QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnMinimumWidth(0, self.fontMetrics().horizontalAdvance(WIDEST))

    def add(self, title: str, field: QtWidgets.QWidget, tip: str = "") -> None:
        """One more row."""
        label = QtWidgets.QLabel(title)
        label.setBuddy(field)
        if tip:
            label.setToolTip(tip)
            field.setToolTip(tip)
        row = self._grid.rowCount()
        self._grid.addWidget(label, row, 0, QtCore.Qt.AlignmentFlag.AlignVCenter)
        self._grid.addWidget(field, row, 1)
