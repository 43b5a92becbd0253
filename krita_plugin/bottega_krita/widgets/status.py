"""The lowest line: whether there is a server, and a menu of what is rarely needed."""

from __future__ import annotations

from html import escape

from bottega_krita.icons import icon
from bottega_krita.qt import QtCore, QtWidgets

GOOD, WAITING, BAD = "#4caf50", "#9e9e9e", "#e0a030"


class Status(QtWidgets.QWidget):
    """The state of the connection in one line; asks with `copy_asked` and `connect_asked`."""

    copy_asked = QtCore.pyqtSignal()
    connect_asked = QtCore.pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._text = QtWidgets.QLabel()
        self._text.setObjectName("bottega_status")
        self._text.setAccessibleName("Connection")
        self._text.setTextFormat(QtCore.Qt.TextFormat.RichText)
        self._text.setSizePolicy(
            QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Preferred
        )
        self._menu = _menu_button()
        menu = QtWidgets.QMenu(self._menu)
        for text, asked in (
            ("Connect to a server…", self.connect_asked),
            ("Copy diagnostics", self.copy_asked),
        ):
            menu.addAction(text).triggered.connect(lambda _, asked=asked: asked.emit())
        self._menu.clicked.connect(lambda: _open(menu, self._menu))
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._text, 1)
        row.addWidget(self._menu)
        self._show(WAITING, "Looking for a server …", "")

    def show_connected(self, place: str, details: str) -> None:
        """A server answered."""
        self._show(GOOD, f"Connected to {place}", details)

    def show_absent(self, details: str) -> None:
        """There is no server, or it can't be talked to."""
        self._show(BAD, "No server", details)

    def _show(self, colour: str, text: str, details: str) -> None:
        self._text.setText(f'<span style="color:{colour}">●</span> {escape(text)}')
        self._text.setToolTip(details)


def _open(menu: QtWidgets.QMenu, button: QtWidgets.QToolButton) -> None:
    """Above the button: below it the window ends, as a rule."""
    corner = button.mapToGlobal(button.rect().topRight())
    menu.popup(corner - QtCore.QPoint(menu.sizeHint().width(), menu.sizeHint().height()))


def _menu_button() -> QtWidgets.QToolButton:
    button = QtWidgets.QToolButton()
    button.setObjectName("bottega_menu")
    button.setAccessibleName("More")
    button.setToolTip("Connect to a server, copy diagnostics")
    button.setIcon(icon("hamburger_menu_dots"))
    button.setAutoRaise(True)
    button.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
    return button
