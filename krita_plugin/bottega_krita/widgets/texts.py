"""Fields for prompts: several lines, keys of their own, Ctrl+Enter to begin."""

from __future__ import annotations

from bottega_krita.qt import QtCore, QtGui, QtWidgets

KEYS = QtCore.Qt.Key
BEGIN = (KEYS.Key_Return, KEYS.Key_Enter)


class PromptEdit(QtWidgets.QPlainTextEdit):
    """A text of a few lines. Tab leaves it; `begun` tells of Ctrl+Enter."""

    begun = QtCore.pyqtSignal()

    def __init__(self, name: str, title: str, hint: str, lines: int) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self.setPlaceholderText(hint)
        self.setTabChangesFocus(True)
        height = self.fontMetrics().lineSpacing() * lines
        frame = 2 * (self.frameWidth() + round(self.document().documentMargin()))
        self.setFixedHeight(height + frame)

    def event(self, event: QtCore.QEvent) -> bool:
        """Keep every key that is pressed here from Krita's shortcuts (Del, Space, Ctrl+Z …)."""
        if event.type() == QtCore.QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:  # noqa: N802  # Qt's name
        """Ctrl+Enter begins; all else is typed."""
        control = event.modifiers() & QtCore.Qt.KeyboardModifier.ControlModifier
        if control and event.key() in BEGIN:
            self.begun.emit()
        else:
            super().keyPressEvent(event)
