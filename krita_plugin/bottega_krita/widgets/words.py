"""A label that breaks its lines and is as high as they need."""

from __future__ import annotations

from bottega_krita.qt import QtCore, QtGui, QtWidgets


class Words(QtWidgets.QLabel):
    """Plain or rich text over several lines, to be selected and copied."""

    def __init__(self, name: str, title: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setWordWrap(True)
        self.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setFocusPolicy(QtCore.Qt.FocusPolicy.NoFocus)

    def say(self, text: str) -> None:
        """Show a text."""
        self.setText(text)
        self._fit()

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:  # noqa: N802  # Qt's name
        """Another width breaks the lines elsewhere."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        # In a scroll area a layout asks for the least height, and forgets that it depends on width.
        self.setMinimumHeight(max(0, self.heightForWidth(self.width())))
