"""A frame in one thin line, drawn by hand: below a style sheet Krita's small font gets lost."""

from __future__ import annotations

from bottega_krita.qt import QtCore, QtGui, QtWidgets

ROUND = 3
TROUBLE = "#c0504d"


class Framed(QtWidgets.QWidget):
    """Holds what belongs together; `trouble` draws the line in red."""

    def __init__(self) -> None:
        super().__init__()
        self.trouble = False

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: ARG002, N802  # Qt's name
        """Draw the line around."""
        painter = QtGui.QPainter(self)
        painter.setRenderHint(QtGui.QPainter.RenderHint.Antialiasing)
        colour = QtGui.QColor(TROUBLE) if self.trouble else self.palette().mid().color()
        painter.setPen(colour)
        half = QtCore.QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(half, ROUND, ROUND)
        painter.end()
