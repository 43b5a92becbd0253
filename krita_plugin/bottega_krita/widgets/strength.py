"""How much is painted anew: a slider and a number that follow each other."""

from __future__ import annotations

from bottega_krita.qt import QtCore, QtWidgets

LEAST, MOST = 1, 100
"""Per cent."""


class StrengthRow(QtWidgets.QWidget):
    """The denoising strength: 1 % keeps nearly everything, 100 % paints from noise."""

    changed = QtCore.pyqtSignal(int)

    def __init__(self) -> None:
        super().__init__()
        self._slider = QtWidgets.QSlider(QtCore.Qt.Orientation.Horizontal)
        self._spin = QtWidgets.QSpinBox()
        self._spin.setSuffix(" %")
        for part, name in ((self._slider, "slider"), (self._spin, "spin")):
            part.setObjectName(f"bottega_strength_{name}")
            part.setAccessibleName("Strength")
            part.setToolTip("100 % paints from noise, less keeps as much of what is there")
            part.setRange(LEAST, MOST)
            part.setValue(MOST)
        self._slider.valueChanged.connect(self._spin.setValue)
        self._spin.valueChanged.connect(self._slider.setValue)
        self._spin.valueChanged.connect(self.changed)
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._slider, 1)
        row.addWidget(self._spin)

    def strength(self) -> float:
        """From 0.01 to 1."""
        return float(self._spin.value()) / 100

    def set_strength(self, strength: float) -> None:
        """Show a strength from 0 to 1."""
        self._spin.setValue(round(strength * 100))
