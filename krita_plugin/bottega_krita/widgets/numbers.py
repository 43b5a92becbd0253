"""Spin boxes whose least value stands for a default and says so."""

from __future__ import annotations

from bottega_krita.qt import QtWidgets


def whole(name: str, title: str, ends: tuple[int, int], least: str = "") -> QtWidgets.QSpinBox:
    """A whole number between two ends; `least` is what the lower one is called."""
    spin = QtWidgets.QSpinBox()
    spin.setRange(*ends)
    _name(spin, name, title, least)
    return spin


def real(name: str, title: str, most: float, least: str) -> QtWidgets.QDoubleSpinBox:
    """A number from 0, which is called `least`."""
    spin = QtWidgets.QDoubleSpinBox()
    spin.setRange(0, most)
    spin.setDecimals(1)
    spin.setSingleStep(0.5)
    _name(spin, name, title, least)
    return spin


def _name(
    spin: QtWidgets.QSpinBox | QtWidgets.QDoubleSpinBox, name: str, title: str, least: str
) -> None:
    spin.setObjectName(name)
    spin.setAccessibleName(title)
    spin.setSpecialValueText(least)
