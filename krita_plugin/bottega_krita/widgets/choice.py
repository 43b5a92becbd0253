"""A combo box of ids with names, whose choice survives a new list."""

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

    def offer(self, entries: Iterable[tuple[str, str, str]]) -> None:
        """List (id, name, note); what was chosen stays chosen where it is still there."""
        chosen = self.chosen()
        self.clear()
        for row, (identity, title, note) in enumerate(entries):
            self.addItem(title, identity)
            if note:
                self.setItemData(row, note, QtCore.Qt.ItemDataRole.ToolTipRole)
        self.choose(chosen)

    def choose(self, identity: str) -> None:
        """Choose an id; the first of the list where it isn't there."""
        self.setCurrentIndex(max(0, self.findData(identity)))

    def chosen(self) -> str:
        """The id, empty where there is none."""
        return str(self.currentData() or "")
