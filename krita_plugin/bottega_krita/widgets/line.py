"""A label of one line that ends in … where there is no room."""

from __future__ import annotations

from bottega_krita.qt import QtCore, QtGui, QtWidgets


class Line(QtWidgets.QLabel):
    """Never makes the docker wider; the tooltip has the whole text."""

    def __init__(self, name: str, title: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setTextFormat(QtCore.Qt.TextFormat.PlainText)
        self.setSizePolicy(QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Fixed)

    def say(self, text: str, details: str = "") -> None:
        """Show a text; the details are told to who asks for them."""
        self.setText(text)
        self.setToolTip("\n".join(filter(None, (text, details))))
        self.setAccessibleDescription(details)

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: ARG002, N802  # Qt's name
        """Draw as much of it as there is room for."""
        painter = QtWidgets.QStylePainter(self)
        right = QtCore.Qt.TextElideMode.ElideRight
        text = self.fontMetrics().elidedText(self.text(), right, self.width())
        # Flags would have to be a number, which those of PyQt6 are not.
        option = QtGui.QTextOption(QtCore.Qt.AlignmentFlag.AlignVCenter)
        option.setWrapMode(QtGui.QTextOption.WrapMode.NoWrap)
        painter.drawText(QtCore.QRectF(self.rect()), text, option)
        painter.end()
