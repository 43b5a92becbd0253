"""The only import of Qt: PyQt5 in Krita 5, PyQt6 in Krita 6, under the same three names.

Enums are written scoped everywhere (`Qt.Orientation.Horizontal`): both versions take that.
"""

from __future__ import annotations

import pykrita

__all__ = ["MAJOR", "QtCore", "QtGui", "QtWidgets"]

MAJOR: int = getattr(pykrita, "qt_major_version", lambda: 5)()
"""5 or 6. Krita before 5.3 does not say, and is always 5."""

if MAJOR == 6:
    from PyQt6 import QtCore, QtGui, QtWidgets
else:
    from PyQt5 import QtCore, QtGui, QtWidgets
