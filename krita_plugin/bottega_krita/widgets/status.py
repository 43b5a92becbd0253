"""Whether there is a server: one line with a coloured dot."""

from __future__ import annotations

from html import escape

from bottega_krita.qt import QtCore

from .words import Words

GOOD, WAITING, BAD = "#4caf50", "#9e9e9e", "#e0a030"


class Status(Words):
    """The state of the connection, and what to type where there is none."""

    def __init__(self) -> None:
        super().__init__("bottega_status", "Connection")
        self.setTextFormat(QtCore.Qt.TextFormat.RichText)
        self.show_looking()

    def show_looking(self) -> None:
        """Nothing is known yet."""
        self._show(WAITING, "Looking for a server …")

    def show_connected(self, place: str) -> None:
        """A server answered."""
        self._show(GOOD, f"Connected to {place}")

    def show_absent(self, message: str, remedy: str) -> None:
        """No server, and what to do about it."""
        self._show(BAD, f"No server. {remedy or message}", message)

    def _show(self, colour: str, text: str, details: str = "") -> None:
        self.say(f'<span style="color:{colour}">●</span> {escape(text)}')
        self.setToolTip(details)
