"""The list of jobs, the newest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bottega_krita.qt import QtCore, QtWidgets

from .card import SMALL, Card

if TYPE_CHECKING:
    from bottega_client.entries import Entry


class Cards(QtWidgets.QWidget):
    """One card to a job. `made` hands out every new card, to be connected."""

    made = QtCore.pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self._cards: dict[bytes, Card] = {}
        self._empty = QtWidgets.QLabel("No jobs yet.")
        self._empty.setAlignment(QtCore.Qt.AlignmentFlag.AlignHCenter)
        self._column = QtWidgets.QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._empty)
        self._column.addStretch(1)

    def show_entry(self, entry: Entry) -> None:
        """Show how an entry stands."""
        card = self._cards.get(entry.job)
        if card is None:
            card = self._cards[entry.job] = Card(SMALL)
            self._column.insertWidget(0, card)
            self.made.emit(card)
            self._empty.hide()
        card.show_entry(entry)

    def remove(self, job: bytes) -> None:
        """A job is gone."""
        card = self._cards.pop(job, None)
        if card is not None:
            card.hide()
            card.deleteLater()
        self._empty.setVisible(not self._cards)
