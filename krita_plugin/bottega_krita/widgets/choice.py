"""A combo box of ids with names, whose choice survives a list in which it is missing."""

from __future__ import annotations

from collections.abc import Iterable

from bottega_krita.qt import QtCore, QtWidgets


class Choice(QtWidgets.QComboBox):
    """One of several: people read the names, `chosen` gives the id."""

    def __init__(self, name: str, title: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        # Long names of models must not widen the docker.
        self.setSizeAdjustPolicy(
            QtWidgets.QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.setMinimumContentsLength(8)
        self._wanted = ""
        self._entries: tuple[tuple[str, str, str], ...] = ()
        self.activated.connect(lambda _: self._want(self.chosen()))

    def offer(self, entries: Iterable[tuple[str, str, str]]) -> None:
        """List (id, name, note); what the artist chose is chosen wherever it is there."""
        entries = tuple(entries)
        if entries == self._entries:
            return
        self._entries = entries
        self.clear()
        for row, (identity, title, note) in enumerate(entries):
            self.addItem(title, identity)
            if note:
                self.setItemData(row, note, QtCore.Qt.ItemDataRole.ToolTipRole)
        self._show()

    def choose(self, identity: str) -> None:
        """Choose an id; until it is there, the first of the list stands for it."""
        self._want(identity)
        self._show()

    def chosen(self) -> str:
        """The id, empty where there is none."""
        return str(self.currentData() or "")

    def _want(self, identity: str) -> None:
        self._wanted = identity

    def _show(self) -> None:
        self.setCurrentIndex(max(0, self.findData(self._wanted)))
