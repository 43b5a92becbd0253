"""The docker: joins the panel to the link and to the document that is open."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from krita import DockWidget, Krita

from bottega_client.actions import Stopped
from bottega_client.editor import EditorError
from bottega_protocol.errors import BottegaError

from .document import KritaDocument
from .link import Absent, Connected, Done, Failed, Link, Order, Working
from .panel import Panel
from .qt import QtCore, QtWidgets

if TYPE_CHECKING:
    from krita import Canvas

    from .qt import QtGui
    from .ui_thread import UiThread

TITLE = "Bottega"

log = logging.getLogger(__name__)


class BottegaDocker(DockWidget):
    """One to a main window. At most one job of it goes on at a time."""

    def __init__(self, ui: UiThread) -> None:
        super().__init__()
        self.setWindowTitle(TITLE)
        self._ui = ui
        self._order: Order | None = None
        self._link = Link(self._tell)
        self.panel = Panel()
        self.panel.fill_asked.connect(lambda: self._guard(self.fill))
        self.panel.cancel_asked.connect(lambda: self._guard(self.cancel))
        self.setWidget(_scrolling(self.panel))
        self.destroyed.connect(self._link.close)
        self._shown: dict[type, Callable[..., None]] = {
            Connected: self._show_connected,
            Absent: self._show_absent,
            Working: self._show_working,
            Done: self._show_done,
            Failed: self._show_failed,
        }

    def canvasChanged(self, canvas: Canvas) -> None:  # noqa: N802  # Krita calls it so
        """Nothing depends on the canvas before Fill is clicked."""

    def showEvent(self, event: QtGui.QShowEvent) -> None:  # noqa: N802  # Qt's name
        """The first sight of the docker is the moment to look for a server."""
        super().showEvent(event)
        self._link.start()

    def fill(self) -> None:
        """Paint the selection of the active document, unless a job goes on."""
        if self._order is not None:
            return
        document = Krita.instance().activeDocument()
        if document is None:
            raise EditorError("No picture is open.", "Open one, select a part of it, try again.")
        self._order = Order(KritaDocument(document, self._ui), self.panel.wish())
        self.panel.set_running(True)
        self._link.fill(self._order)

    def cancel(self) -> None:
        """Stop the job that goes on."""
        if self._order is not None:
            self._order.stop.set()

    def _tell(self, event: object) -> None:
        """On the link's thread: have an event shown."""
        self._ui.post(lambda: self._guard(lambda: self._show(event)))

    def _show(self, event: object) -> None:
        # A window may be closed, and its docker with it, while events are on their way.
        if not self._link.closed:
            self._shown[type(event)](event)

    def _guard(self, work: Callable[[], None]) -> None:
        """The edge of the UI thread: what escaped here, Krita would show in a modal dialog."""
        try:
            work()
        except BottegaError as error:
            self.panel.notice.warn(error.message, error.remedy)
        except Exception as error:
            log.exception("Bottega's docker failed")
            self.panel.notice.warn(f"Bottega's plug-in failed: {error}", "See Krita's log.")

    def _show_connected(self, event: Connected) -> None:
        self.panel.status.show_connected(event.address.url.partition("://")[2])
        self.panel.show_offers(event.offers)

    def _show_absent(self, event: Absent) -> None:
        self.panel.status.show_absent(event.error.message, event.error.remedy)

    def _show_working(self, event: Working) -> None:
        self.panel.progress.tell(event.report)

    def _show_done(self, event: Done) -> None:
        self._end()
        self.panel.show_outcome(event.outcome)

    def _show_failed(self, event: Failed) -> None:
        self._end()
        if isinstance(event.error, Stopped):
            self.panel.notice.say("Stopped. Nothing was painted.")
        else:
            self.panel.notice.warn(event.error.message, event.error.remedy)

    def _end(self) -> None:
        self._order = None
        self.panel.set_running(False)


def _scrolling(panel: Panel) -> QtWidgets.QScrollArea:
    """Let the docker be lower than its content."""
    area = QtWidgets.QScrollArea()
    area.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidgetResizable(True)
    area.setWidget(panel)
    return area
