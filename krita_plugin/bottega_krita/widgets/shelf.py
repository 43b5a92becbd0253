"""A list of results with pictures, and the buttons for the one that is chosen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bottega_krita.qt import QtCore, QtGui, QtWidgets

from .picture import image_of

DATA = QtCore.Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class Row:
    """A line of a shelf: two lines of text, a picture if there is one, what it stands for."""

    title: str
    note: str
    value: object
    picture: tuple[int, int, bytes] | None = field(default=None, repr=False)


class Shelf(QtWidgets.QWidget):
    """Enter or a double click is the first button. `acted` tells which button, and the value."""

    acted = QtCore.pyqtSignal(str, object)

    def __init__(self, name: str, title: str, empty: str, deeds: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.list = QtWidgets.QListWidget()
        self.list.setObjectName(f"bottega_{name}")
        self.list.setAccessibleName(title)
        side = 3 * self.fontMetrics().lineSpacing()
        self.list.setIconSize(QtCore.QSize(side, side))
        # Of a row without a picture too: what is listed must not move when one comes.
        self._blank = QtGui.QPixmap(side, side)
        self._blank.fill(QtCore.Qt.GlobalColor.transparent)
        self.list.setUniformItemSizes(True)
        self.list.setSpacing(2)
        self.list.setTextElideMode(QtCore.Qt.TextElideMode.ElideRight)
        self.list.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemActivated.connect(lambda _: self._act(deeds[0][0]))
        self.list.currentRowChanged.connect(self._enable)
        self._empty = empty
        self._buttons = [_button(name, deed, text) for deed, text in deeds]
        self.column = QtWidgets.QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.addWidget(self.list, 1)
        self.buttons = QtWidgets.QHBoxLayout()
        for button, (deed, _) in zip(self._buttons, deeds, strict=True):
            button.clicked.connect(lambda _checked, deed=deed: self._act(deed))
            self.buttons.addWidget(button, 1)
        self.column.addLayout(self.buttons)
        self.show_rows(())

    def show_rows(self, rows: Iterable[Row]) -> None:
        """List these and nothing else; the line that was chosen stays so."""
        chosen = self.list.currentRow()
        self.list.clear()
        self.add_rows(rows)
        if not self.list.count():
            nothing = QtWidgets.QListWidgetItem(self._empty)
            nothing.setFlags(QtCore.Qt.ItemFlag.NoItemFlags)
            self.list.addItem(nothing)
        self.list.setCurrentRow(min(max(chosen, 0), self.list.count() - 1))
        self._enable()

    def add_rows(self, rows: Iterable[Row]) -> None:
        """List these below what is there."""
        for row in rows:
            item = QtWidgets.QListWidgetItem(f"{row.title}\n{row.note}")
            item.setData(DATA, row.value)
            item.setToolTip(row.title)
            item.setIcon(QtGui.QIcon(self._blank))
            if row.picture is not None:
                item.setIcon(_icon(row.picture))
            self.list.addItem(item)

    def picture_row(self, value: object, picture: tuple[int, int, bytes]) -> None:
        """Show a picture in the lines that stand for this value."""
        for number in range(self.list.count()):
            if self.list.item(number).data(DATA) == value:
                self.list.item(number).setIcon(_icon(picture))

    def chosen(self) -> object:
        """What the chosen line stands for, or None."""
        item = self.list.currentItem()
        return None if item is None else item.data(DATA)

    def _enable(self, *_: object) -> None:
        for button in self._buttons:
            button.setEnabled(self.chosen() is not None)

    def _act(self, deed: str) -> None:
        value = self.chosen()
        if value is not None:
            self.acted.emit(deed, value)


def _icon(picture: tuple[int, int, bytes]) -> QtGui.QIcon:
    return QtGui.QIcon(QtGui.QPixmap.fromImage(image_of(*picture)))


def _button(name: str, deed: str, text: str) -> QtWidgets.QPushButton:
    button = QtWidgets.QPushButton(text)
    button.setObjectName(f"bottega_{name}_{deed}")
    button.setAccessibleName(text)
    return button
