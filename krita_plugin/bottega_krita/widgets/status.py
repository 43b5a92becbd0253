"""Whether there is a server: one line with a coloured dot."""

from __future__ import annotations

from bottega_krita.qt import QtCore, QtWidgets

GOOD, WAITING, BAD = "#4caf50", "#9e9e9e", "#e0a030"


class Status(QtWidgets.QLabel):
    """The state of the connection, and what to type where there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("bottega_status")
        self.setAccessibleName("Connection")
        self.setWordWrap(True)
        self.setTextFormat(QtCore.Qt.TextFormat.RichText)
        self.setTextInteractionFlags(QtCore.Qt.TextInteractionFlag.TextSelectableByMouse)
        self.show_looking()

    def show_looking(self) -> None:
        """Nothing is known yet."""
        self._say(WAITING, "Looking for a server …")

    def show_connected(self, place: str) -> None:
        """A server answered."""
        self._say(GOOD, f"Connected to {place}")

    def show_absent(self, message: str, remedy: str) -> None:
        """No server, and what to do about it."""
        self._say(BAD, f"<b>{message}</b><br>{remedy}")

    def _say(self, colour: str, text: str) -> None:
        self.setText(f'<span style="color:{colour}">●</span> {text}')
