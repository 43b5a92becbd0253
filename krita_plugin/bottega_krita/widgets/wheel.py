"""The mouse wheel scrolls the page: who scrolls past a field doesn't mean to change it."""

from __future__ import annotations

from bottega_krita.qt import QtCore, QtWidgets


class Unmoved(QtCore.QObject):
    """Hands the wheel on to the page, from every field that has not been clicked."""

    def __init__(self, page: QtWidgets.QWidget) -> None:
        super().__init__(page)
        for kind in (QtWidgets.QAbstractSpinBox, QtWidgets.QComboBox):
            for field in page.findChildren(kind):
                field.installEventFilter(self)

    def eventFilter(self, field: QtCore.QObject, event: QtCore.QEvent) -> bool:  # noqa: N802  # Qt's name
        """Whether an event ends here."""
        if event.type() == QtCore.QEvent.Type.Wheel and not field.hasFocus():
            event.ignore()
            return True
        return False
