"""What came of the last job: a word of success, or what went wrong and what helps."""

from __future__ import annotations

from bottega_krita.qt import QtCore, QtWidgets

from .words import Words

STYLE = "#bottega_notice[trouble=true] { border: 1px solid #c0504d; border-radius: 3px; }"


class Notice(QtWidgets.QFrame):
    """A message and a remedy below it; hidden while there is nothing to say."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("bottega_notice")
        self.setStyleSheet(STYLE)
        self._message = Words("bottega_message", "Message")
        self._remedy = Words("bottega_remedy", "Remedy")
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        for words in (self._message, self._remedy):
            words.setTextFormat(QtCore.Qt.TextFormat.PlainText)
            column.addWidget(words)
        self.clear()

    def clear(self) -> None:
        """Nothing to say."""
        self.hide()

    def say(self, text: str) -> None:
        """Something went well."""
        self._show(text, "", trouble=False)

    def warn(self, message: str, remedy: str) -> None:
        """Something went wrong."""
        self._show(message, remedy, trouble=True)

    def _show(self, message: str, remedy: str, *, trouble: bool) -> None:
        self._message.say(message)
        self._remedy.say(remedy)
        self._remedy.setVisible(bool(remedy))
        self.setProperty("trouble", trouble)
        # A style sheet looks at properties only when the widget is polished.
        self.style().unpolish(self)
        self.style().polish(self)
        self.show()
