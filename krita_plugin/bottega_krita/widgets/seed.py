"""Where the noise starts: the last seed, a lock that keeps it, and another by chance."""

from __future__ import annotations

import secrets

from bottega_krita.icons import icon
from bottega_krita.qt import QtWidgets

MOST = 2**32 - 1


class SeedRow(QtWidgets.QWidget):
    """A seed from 0 to 4294967295. Unlocked, every job takes a new one."""

    def __init__(self) -> None:
        super().__init__()
        # A QSpinBox ends at 2147483647.
        self._number = QtWidgets.QDoubleSpinBox()
        self._number.setObjectName("bottega_seed")
        self._number.setAccessibleName("Seed")
        self._number.setToolTip("The same seed paints the same picture again")
        self._number.setDecimals(0)
        self._number.setRange(0, MOST)
        self._number.setMinimumWidth(60)
        self._number.setButtonSymbols(QtWidgets.QAbstractSpinBox.ButtonSymbols.NoButtons)
        self._lock = _button("bottega_seed_lock", "Keep this seed", "object-unlocked")
        self._lock.setCheckable(True)
        self._lock.toggled.connect(self._show_lock)
        self._another = _button("bottega_seed_another", "Another seed", "reload-preset")
        self._another.clicked.connect(self.take_another)
        self._number.editingFinished.connect(self._typed)
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self._number, 1)
        row.addWidget(self._lock)
        row.addWidget(self._another)
        self._last = 0.0

    def seed(self) -> int | None:
        """The number, or None for a new one each time."""
        return int(self._number.value()) if self._lock.isChecked() else None

    def show_used(self, seed: int) -> None:
        """Show the seed that a result was painted with, so that it can be kept."""
        if not self._lock.isChecked():
            self._set(seed)

    def keep(self, seed: int) -> None:
        """Take this seed from now on."""
        self._set(seed)
        self._lock.setChecked(True)

    def take_another(self) -> None:
        """Take another seed, and keep it if the last one was kept."""
        self._set(secrets.randbelow(MOST + 1))

    def _set(self, seed: int) -> None:
        self._number.setValue(seed)
        self._last = self._number.value()

    def _typed(self) -> None:
        """Who types a seed wants that one."""
        if self._number.value() != self._last:
            self.keep(int(self._number.value()))

    def _show_lock(self, locked: bool) -> None:  # noqa: FBT001  # Qt calls it so
        self._lock.setIcon(icon("object-locked" if locked else "object-unlocked"))


def _button(name: str, title: str, picture: str) -> QtWidgets.QToolButton:
    button = QtWidgets.QToolButton()
    button.setObjectName(name)
    button.setAccessibleName(title)
    button.setToolTip(title)
    button.setIcon(icon(picture))
    return button
