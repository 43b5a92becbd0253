"""Where the noise starts: a number, or a new one each time."""

from __future__ import annotations

from bottega_krita.qt import QtWidgets

MOST = 2**32 - 1


class SeedRow(QtWidgets.QWidget):
    """A seed from 0 to 4294967295, with a box that leaves it to chance."""

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
        self._random = QtWidgets.QCheckBox("Random")
        self._random.setObjectName("bottega_seed_random")
        self._random.setToolTip("Take a new seed each time")
        self._random.toggled.connect(self._number.setDisabled)
        self._random.setChecked(True)
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._number, 1)
        row.addWidget(self._random)

    def seed(self) -> int | None:
        """The number, or None for a random one."""
        return None if self._random.isChecked() else int(self._number.value())

    def show_used(self, seed: int) -> None:
        """Show the seed that a result was painted with, so that it can be kept."""
        self._number.setValue(seed)
