"""The docker's face: four pages, a message when there is one, and the state of the connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bottega_client.entries import IN_FLIGHT

from .paint import PaintPage
from .qt import QtCore, QtWidgets
from .widgets.cards import Cards
from .widgets.notice import Notice
from .widgets.past import HistoryPage
from .widgets.recent import RecentPage
from .widgets.status import Status

if TYPE_CHECKING:
    from bottega_client.entries import Entry

    from .qt import QtGui

QUEUE = "Queue"


KEYS = QtCore.Qt.Key
OURS = frozenset(
    (
        *(KEYS.Key_Tab, KEYS.Key_Backtab, KEYS.Key_Space, KEYS.Key_Return, KEYS.Key_Enter),
        *(KEYS.Key_Left, KEYS.Key_Right, KEYS.Key_Up, KEYS.Key_Down),
        *(KEYS.Key_Home, KEYS.Key_End, KEYS.Key_PageUp, KEYS.Key_PageDown),
    )
)
"""Keys by which one gets around. Krita has shortcuts on most: Tab alone hides every docker."""


class Panel(QtWidgets.QWidget):
    """Qt only: no document, no server. Which page is in front is told by `turned`."""

    turned = QtCore.pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.paint = PaintPage()
        self.cards = Cards()
        self.history = HistoryPage()
        self.recent = RecentPage()
        self.notice = Notice()
        self.status = Status()
        self._entries: dict[bytes, Entry] = {}
        self._tabs = QtWidgets.QTabWidget()
        self._tabs.setObjectName("bottega_pages")
        self._tabs.setAccessibleName("Pages")
        self._tabs.setDocumentMode(True)
        self._tabs.setUsesScrollButtons(False)
        self._tabs.addTab(_scrolling(self.paint), "Paint")
        self._tabs.addTab(_scrolling(_padded(self.cards)), QUEUE)
        self._tabs.addTab(_padded(self.history), "History")
        self._tabs.addTab(_padded(self.recent), "Recent")
        self._tabs.currentChanged.connect(lambda _: self.turned.emit())
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 2)
        column.setSpacing(2)
        column.addWidget(self._tabs, 1)
        column.addWidget(_padded(self.notice, 0))
        column.addWidget(_padded(self.status, 0))

    def event(self, event: QtCore.QEvent) -> bool:
        """Keep the keys that we need from Krita's shortcuts while something here has the focus."""
        if event.type() == QtCore.QEvent.Type.ShortcutOverride and _is_ours(event):
            event.accept()
            return True
        return bool(super().event(event))

    def shows(self, page: QtWidgets.QWidget) -> bool:
        """Whether this page is in front."""
        return bool(self._tabs.currentWidget().isAncestorOf(page))

    def turn_to(self, page: QtWidgets.QWidget) -> None:
        """Bring a page to the front."""
        for index in range(self._tabs.count()):
            if self._tabs.widget(index).isAncestorOf(page):
                self._tabs.setCurrentIndex(index)

    def entry(self, job: bytes) -> Entry | None:
        """What the list knows of a job."""
        return self._entries.get(job)

    @property
    def newest(self) -> Entry | None:
        """The job at hand."""
        return next(reversed(self._entries.values()), None)

    def show_entry(self, entry: Entry) -> None:
        """A job has news."""
        self._entries[entry.job] = entry
        self.cards.show_entry(entry)
        self._show_lists()

    def remove(self, job: bytes) -> None:
        """A job is gone."""
        self._entries.pop(job, None)
        self.cards.remove(job)
        self._show_lists()

    def _show_lists(self) -> None:
        self.paint.show_entry(self.newest)
        running = sum(entry.state in IN_FLIGHT for entry in self._entries.values())
        self._tabs.setTabText(1, f"{QUEUE} {running}" if running else QUEUE)


def _is_ours(event: QtGui.QKeyEvent) -> bool:
    """Whether a key is one of ours, without Ctrl, Alt or the like."""
    shift = QtCore.Qt.KeyboardModifier.ShiftModifier
    return event.key() in OURS and not event.modifiers() & ~shift


def _scrolling(page: QtWidgets.QWidget) -> QtWidgets.QScrollArea:
    """Let the docker be lower than a page."""
    area = QtWidgets.QScrollArea()
    area.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidgetResizable(True)
    area.setFocusPolicy(QtCore.Qt.FocusPolicy.NoFocus)
    area.setWidget(page)
    return area


def _padded(content: QtWidgets.QWidget, above: int = 6) -> QtWidgets.QWidget:
    """As much air around it as the other pages have."""
    page = QtWidgets.QWidget()
    column = QtWidgets.QVBoxLayout(page)
    column.setContentsMargins(6, above, 6, above)
    column.addWidget(content)
    return page
