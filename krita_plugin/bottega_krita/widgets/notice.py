"""A message across the panel: what went wrong and what helps, or a word of success."""

from __future__ import annotations

from bottega_krita.icons import icon
from bottega_krita.qt import QtCore, QtWidgets

from .framed import Framed
from .words import Words


class Notice(Framed):
    """A message and a remedy below it; hidden while there is nothing to say."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("bottega_notice")
        self.about = ""
        """What the message is about, so that good news of the same takes it away."""
        self._message = Words("bottega_message", "Message")
        self._remedy = Words("bottega_advice", "Remedy")
        self._close = QtWidgets.QToolButton()
        self._close.setObjectName("bottega_close")
        self._close.setAccessibleName("Close the message")
        self._close.setAutoRaise(True)
        self._close.setIcon(icon("dialog-cancel"))
        self._close.clicked.connect(self.clear)
        for words in (self._message, self._remedy):
            words.setTextFormat(QtCore.Qt.TextFormat.PlainText)
        grid = QtWidgets.QGridLayout(self)
        grid.setContentsMargins(6, 4, 4, 6)
        grid.addWidget(self._message, 0, 0)
        grid.addWidget(self._close, 0, 1, QtCore.Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self._remedy, 1, 0, 1, 2)
        grid.setColumnStretch(0, 1)
        self.clear()

    def clear(self) -> None:
        """Nothing to say."""
        self.about = ""
        self.hide()

    def settle(self, about: str) -> None:
        """What was said about this is no longer so."""
        if self.about == about:
            self.clear()

    def say(self, text: str) -> None:
        """Something went well."""
        self.about = ""
        self._show(text, "", trouble=False)

    def warn(self, message: str, remedy: str, about: str = "") -> None:
        """Something went wrong."""
        self.about = about
        self._show(message, remedy, trouble=True)

    def _show(self, message: str, remedy: str, *, trouble: bool) -> None:
        self._message.say(message)
        self._remedy.say(remedy)
        self._remedy.setVisible(bool(remedy))
        self.trouble = trouble
        self.update()
        self.show()
