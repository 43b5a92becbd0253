"""The button that begins: it says what will be done, and its menu holds what the artist means."""

from __future__ import annotations

from collections.abc import Iterable

from bottega_krita.qt import QtCore, QtWidgets


class Begin(QtWidgets.QWidget):
    """One wide button, and a narrow one that opens the menu of intents."""

    asked = QtCore.pyqtSignal()
    intent_chosen = QtCore.pyqtSignal()

    def __init__(self, intents: Iterable[tuple[str, str, str]]) -> None:
        super().__init__()
        self._intents: list[str] = []
        self.intent = ""
        self.button = QtWidgets.QPushButton()
        self.button.setObjectName("bottega_begin")
        self.button.setSizePolicy(*2 * (QtWidgets.QSizePolicy.Policy.Expanding,))
        self.button.setMinimumHeight(round(1.9 * self.fontMetrics().height()))
        self.button.clicked.connect(self.asked)
        self._more = QtWidgets.QToolButton()
        self._more.setObjectName("bottega_intent")
        self._more.setAccessibleName("What to do with the selection")
        self._more.setToolTip("What to do with the selection")
        self._more.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
        self._more.setArrowType(QtCore.Qt.ArrowType.DownArrow)
        self._more.setSizePolicy(
            QtWidgets.QSizePolicy.Policy.Fixed, QtWidgets.QSizePolicy.Policy.Expanding
        )
        self._menu = QtWidgets.QMenu(self._more)
        self._menu.setToolTipsVisible(True)
        # A menu of the button's own would bring an arrow more, which only a style sheet takes away,
        # and that would not follow Krita's themes.
        self._more.clicked.connect(self._open_menu)
        self._offer(intents)
        row = QtWidgets.QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.button, 1)
        row.addWidget(self._more)

    def choose(self, intent: str) -> None:
        """Mean this from now on."""
        self.intent = intent if intent in self._intents else self._intents[0]
        for action in self._menu.actions():
            action.setChecked(action.data() == self.intent)
        self.intent_chosen.emit()

    def show_deed(self, text: str, tip: str, *, by_intent: bool) -> None:
        """Say what a click will do; the menu is there where the intent counts."""
        if self.button.text() != text:
            self.button.setText(text)
            self.button.setAccessibleName(text)
        self.button.setToolTip(f"{tip} (Ctrl+Enter)")
        self._more.setEnabled(by_intent)

    def _open_menu(self) -> None:
        self._menu.popup(self.mapToGlobal(self.rect().bottomLeft()))

    def _offer(self, intents: Iterable[tuple[str, str, str]]) -> None:
        for identity, title, tip in intents:
            self._intents.append(identity)
            action = self._menu.addAction(title)
            action.setData(identity)
            action.setToolTip(tip)
            action.setCheckable(True)
            action.triggered.connect(lambda _checked, chosen=identity: self.choose(chosen))
        self.choose("")
