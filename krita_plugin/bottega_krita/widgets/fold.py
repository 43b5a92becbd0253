"""A heading that shows or hides what is rarely changed."""

from __future__ import annotations

from bottega_krita.qt import QtCore, QtWidgets

ROOM = 50
"""Milliseconds after which the page has made room."""


class Fold(QtWidgets.QWidget):
    """Its content may be read folded or not."""

    def __init__(self, name: str, title: str, content: QtWidgets.QWidget) -> None:
        super().__init__()
        self._heading = QtWidgets.QToolButton()
        self._heading.setObjectName(name)
        self._heading.setText(title)
        self._heading.setAccessibleName(title)
        self._heading.setCheckable(True)
        self._heading.setAutoRaise(True)
        self._heading.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self._heading.setToolButtonStyle(QtCore.Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._heading.toggled.connect(self._unfold)
        self._content = content
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._heading)
        column.addWidget(content)
        self._unfold(False)

    def _unfold(self, unfolded: bool) -> None:  # noqa: FBT001  # Qt calls it so
        arrows = QtCore.Qt.ArrowType
        self._heading.setArrowType(arrows.DownArrow if unfolded else arrows.RightArrow)
        self._content.setVisible(unfolded)
        if unfolded:
            QtCore.QTimer.singleShot(ROOM, self._scroll)

    def _scroll(self) -> None:
        """Bring what has unfolded into sight."""
        parent = self.parentWidget()
        while parent is not None and not isinstance(parent, QtWidgets.QScrollArea):
            parent = parent.parentWidget()
        if parent is not None:
            parent.ensureWidgetVisible(self._content)
