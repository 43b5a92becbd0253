"""What the server keeps for the artist: found by words, brought back into the document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bottega_client.words import summary_note
from bottega_krita.qt import QtCore, QtWidgets

from .shelf import Row, Shelf

if TYPE_CHECKING:
    from bottega_client.entries import Recent
    from bottega_client.thumbnails import Thumbnail
    from bottega_protocol.messages import JobSummary

PAUSE = 300
"""Milliseconds after the last key until the server is asked."""


class RecentPage(Shelf):
    """Asks with `asked` (words, how many to leave out); `acted` brings a job's id."""

    asked = QtCore.pyqtSignal(str, int)

    def __init__(self) -> None:
        self._count = 0
        super().__init__("recent", "Recent results", "Nothing found.", (("bring", "Bring here"),))
        self._search = QtWidgets.QLineEdit()
        self._search.setObjectName("bottega_search")
        self._search.setAccessibleName("Search the recent results")
        self._search.setPlaceholderText("Search the prompts")
        self._search.setClearButtonEnabled(True)
        self._pause = QtCore.QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE)
        self._pause.timeout.connect(self.ask)
        self._search.textChanged.connect(lambda _: self._pause.start())
        self._search.returnPressed.connect(self.ask)
        self._more = QtWidgets.QPushButton("Show more")
        self._more.setObjectName("bottega_recent_more")
        self._more.setAccessibleName("Show more results")
        self._more.clicked.connect(lambda: self.asked.emit(self._words(), self._count))
        self._more.hide()
        self.column.insertWidget(0, self._search)
        self.buttons.addWidget(self._more, 1)
        self.setFocusProxy(self._search)
        QtWidgets.QWidget.setTabOrder(self._search, self.list)

    def ask(self) -> None:
        """Look again, from the newest on."""
        self._pause.stop()
        self.asked.emit(self._words(), 0)

    def show_page(self, page: Recent) -> None:
        """A page has come; one that was asked for other words is out of date."""
        if page.search != self._words():
            return
        rows = [_row(job) for job in page.jobs]
        if page.skip:
            self.add_rows(rows)
        else:
            self.show_rows(rows)
        self._count = page.skip + len(rows)
        self._more.setVisible(len(rows) >= FULL)

    def show_picture(self, job: bytes, picture: Thumbnail) -> None:
        """How one of the listed jobs looks."""
        self.picture_row(job, (picture.width, picture.height, picture.rgb))

    def _words(self) -> str:
        return str(self._search.text()).strip()


FULL = 50
"""Jobs of a page behind which there may be more."""


def _row(job: JobSummary) -> Row:
    return Row(job.prompt or "(no prompt)", summary_note(job), job.job)
