"""Krita's own icons by their names, in the colours of its theme."""

from __future__ import annotations

from krita import Krita

from .qt import QtGui


def icon(name: str) -> QtGui.QIcon:
    """An icon; an empty one where this Krita has none of that name."""
    return Krita.instance().icon(name)
