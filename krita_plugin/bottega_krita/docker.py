"""The docker: joins the panel to the Easel and to the document in front."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from krita import DockWidget, Krita

from bottega_client import history
from bottega_client.easel import Easel
from bottega_client.editor import EditorError
from bottega_client.entries import (
    PLACED,
    Absent,
    Changed,
    Connected,
    Event,
    Gone,
    Missed,
    Quoted,
    Recent,
    Zoomed,
)
from bottega_protocol.errors import BottegaError

from . import settings
from .context import Context, in_front, look
from .document import KritaDocument
from .mailbox import Mailbox
from .panel import Panel
from .qt import QtCore, QtWidgets
from .widgets.address import AddressDialog
from .widgets.card import Card
from .widgets.zoom import Zoom

if TYPE_CHECKING:
    from krita import Canvas, Document

    from bottega_client.history import Past
    from bottega_client.wishes import Wish

    from .qt import QtGui
    from .ui_thread import UiThread

TITLE = "Bottega"
LOOK = 350
"""Milliseconds between two looks at the document in front, while the docker is to be seen."""

CONNECTION = "connection"

log = logging.getLogger(__name__)


class BottegaDocker(DockWidget):
    """One to a main window."""

    def __init__(self, ui: UiThread) -> None:
        super().__init__()
        self.setWindowTitle(TITLE)
        self._ui = ui
        self._context = Context()
        self._asked: object = None
        self._connected = False
        self._resumed: set[str] = set()
        self._mailbox = Mailbox(ui.post, self._show)
        self.easel = Easel(f"Krita {Krita.instance().version()}", self._mailbox.put)
        self.panel = Panel()
        self._zoom = Zoom(self)
        self._recall()
        self._looking = QtCore.QTimer(self)
        self._looking.setInterval(LOOK)
        self._looking.timeout.connect(self._guarded(self._look))
        self.setWidget(self.panel)
        self._connect()
        self.destroyed.connect(self.easel.close)
        self._shown: dict[type, Callable[[Any], None]] = {
            Connected: self._show_connected,
            Absent: self._show_absent,
            Changed: self._show_changed,
            Gone: lambda event: self.panel.remove(event.job),
            Recent: self._show_recent,
            Zoomed: self._zoom.show_picture,
            Missed: lambda event: self._warn(event.error),
            Quoted: self._show_quoted,
        }

    def canvasChanged(self, canvas: Canvas) -> None:  # noqa: ARG002, N802  # Krita calls it so
        """Another document may be in front."""
        if self.isVisible():
            self._guarded(self._look)()

    def showEvent(self, event: QtGui.QShowEvent) -> None:  # noqa: N802  # Qt's name
        """The first sight of the docker is the moment to look for a server."""
        super().showEvent(event)
        self._guarded(self._start)()

    def hideEvent(self, event: QtGui.QHideEvent) -> None:  # noqa: N802  # Qt's name
        """Nobody looks: nothing has to be followed."""
        super().hideEvent(event)
        self._looking.stop()

    def begin(self, capability: str = "") -> None:
        """Paint: what the button says, or this."""
        document = in_front()
        if document is None:
            raise EditorError("No picture is open.", "Open or make one and try again.")
        self._look()
        self.panel.notice.clear()
        wish = self.panel.paint.wish()
        wanted = capability or self.panel.paint.capability
        if wanted != self.panel.paint.capability:
            wish = replace(wish, strength=None)
        self._keep(wish)
        self.easel.order(KritaDocument(document, self._ui), wanted, wish)

    def do(self, deed: Callable[[BottegaDocker], object]) -> None:
        """Have an action done; what goes wrong is shown."""
        self._guard(deed, self)

    def write(self) -> None:
        """The keyboard goes to the prompt."""
        self.panel.turn_to(self.panel.paint)
        self.panel.paint.prompt.setFocus()

    def place(self) -> None:
        """Place what is picked of the job at hand."""
        self.panel.paint.card.place_picked()

    def stop(self) -> None:
        """Stop what is painted for the document in front, or all where there is none."""
        document = in_front()
        name = "" if document is None else KritaDocument(document, self._ui).canvas().document
        self.easel.stop_all(name)

    def _keep(self, wish: Wish) -> None:
        """What is chosen once and stays so, over Krita's end too."""
        for name in settings.FIELDS:
            settings.write(name, getattr(wish, name))
        settings.write(settings.COUNT, str(wish.count))

    def _recall(self) -> None:
        paint, count = self.panel.paint, settings.read(settings.COUNT)
        for name in settings.FIELDS:
            if settings.read(name):
                getattr(paint, name).choose(settings.read(name))
        if count.isdecimal():
            paint.count.setValue(int(count))

    # --- what the panel asks ---------------------------------------------------------------------

    def _connect(self) -> None:
        panel = self.panel
        panel.paint.begun.connect(self._guarded(self.begin))
        panel.cards.made.connect(self._connect_card)
        self._connect_card(panel.paint.card)
        panel.turned.connect(self._guarded(self._turn))
        panel.recent.asked.connect(self._guarded(self._ask_recent))
        panel.history.acted.connect(self._guarded(self._act_on_past))
        panel.recent.acted.connect(self._guarded(lambda _deed, job: self._bring(job)))
        panel.status.copy_asked.connect(self._guarded(self._copy_diagnostics))
        panel.status.connect_asked.connect(self._guarded(self._ask_for_server))
        self._zoom.wanted.connect(self._guarded(self.easel.zoom))
        self._zoom.placed.connect(self._guarded(self.easel.place))

    def _connect_card(self, card: Card) -> None:
        for signal, work in (
            (card.stopped, self.easel.stop),
            (card.discarded, self.easel.discard),
            (card.placed, self.easel.place),
            (card.zoomed, self._look_closer),
            (card.reused, self._use_again),
        ):
            signal.connect(self._guarded(work))

    def _look_closer(self, job: bytes, variation: int) -> None:
        entry = self.panel.entry(job)
        if entry is not None:
            self._zoom.look_at(entry, variation)

    def _use_again(self, job: bytes) -> None:
        entry = self.panel.entry(job)
        if entry is not None:
            self._use(replace(entry.wish, seed=entry.seed))

    def _use(self, wish: Wish) -> None:
        """Take these settings back into the fields."""
        self.panel.paint.show_wish(wish)
        self.panel.turn_to(self.panel.paint)

    def _turn(self) -> None:
        self._show_history()
        if self.panel.shows(self.panel.recent):
            self.panel.recent.ask()

    def _ask_recent(self, search: str, skip: int) -> None:
        self.easel.recent(search=search, skip=skip)

    def _bring(self, job: bytes) -> None:
        document = in_front()
        if document is None:
            raise EditorError("No picture is open.", "Open the one that it is for.")
        self.easel.bring(job, KritaDocument(document, self._ui))
        self.panel.turn_to(self.panel.paint)

    def _act_on_past(self, deed: str, past: Past) -> None:
        if deed == "bring":
            self._bring(past.job)
        else:
            self._use(past.wish())

    def _copy_diagnostics(self) -> None:
        QtWidgets.QApplication.clipboard().setText(self.easel.diagnostics())
        self.panel.notice.say("Copied. Paste it where you ask for help; it holds no token.")

    def _ask_for_server(self) -> None:
        dialog = AddressDialog(self, settings.read(settings.URL))
        if dialog.exec():
            settings.write(settings.URL, dialog.url())
            settings.write(settings.TOKEN, dialog.token())
            self.easel.connect_to(dialog.url(), dialog.token())

    # --- the document in front -------------------------------------------------------------------

    def _start(self) -> None:
        if settings.read(settings.URL):
            self.easel.connect_to(settings.read(settings.URL), settings.read(settings.TOKEN))
        self.easel.start()
        self._look()
        self._looking.start()

    def _look(self) -> None:
        """Follow the document: what would be done to it, and how."""
        document = in_front()
        context = look(document)
        paint = self.panel.paint
        paint.show_context(selected=context.selected)
        if context.document != self._context.document:
            self._show_history()
        self._context = context
        wish = paint.wish()
        question = (context, paint.capability, replace(wish, prompt="", negative="", seed=None))
        if document is None or not self._connected:
            return
        self._resume(context, document)
        if question != self._asked:
            self._asked = question
            self.easel.quote(KritaDocument(document, self._ui), paint.capability, wish)

    def _resume(self, context: Context, document: Document) -> None:
        """Once for a document: what was painted for it while Krita was closed."""
        if context.document not in self._resumed:
            self._resumed.add(context.document)
            self.easel.resume(KritaDocument(document, self._ui))

    def _show_history(self) -> None:
        """List what the document in front remembers, if that page is open."""
        document = in_front()
        if self.panel.shows(self.panel.history):
            text = "" if document is None else KritaDocument(document, self._ui).notes()
            self.panel.history.show_pasts(history.read(text))

    # --- what the Easel tells --------------------------------------------------------------------

    def _show(self, event: Event) -> None:
        # A window may be closed, and its docker with it, while events are on their way.
        if not self.easel.closed:
            self._guarded(self._shown[type(event)])(event)

    def _show_connected(self, event: Connected) -> None:
        place = event.address.url.partition("://")[2]
        self.panel.status.show_connected(place, event.server)
        self.panel.paint.show_offers(event.offers)
        self.panel.notice.settle(CONNECTION)
        self._asked, self._connected = None, True

    def _show_absent(self, event: Absent) -> None:
        self._connected = False
        self.panel.status.show_absent(event.error.message)
        self.panel.paint.show_plan(None)
        self._warn(event.error, CONNECTION)

    def _show_changed(self, event: Changed) -> None:
        entry = event.entry
        before = self.panel.entry(entry.job)
        self.panel.show_entry(entry)
        self._zoom.show_entry(entry)
        if entry.outcome is not None and (before is None or before.outcome is None):
            self.panel.paint.show_used(entry.seed)
        if entry.state == PLACED:
            self._show_history()

    def _show_recent(self, event: Recent) -> None:
        self.panel.recent.show_page(event)
        if event.error is not None:
            self._warn(event.error)

    def _show_quoted(self, event: Quoted) -> None:
        self.panel.paint.show_plan(event.plan, "" if event.error is None else event.error.message)

    # --- the edge --------------------------------------------------------------------------------

    def _warn(self, error: BottegaError, about: str = "") -> None:
        self.panel.notice.warn(error.message, error.remedy, about)

    def _guarded(self, work: Callable[..., object]) -> Callable[..., None]:
        """The edge of the UI thread: what escaped here, Krita would show in a modal dialog."""
        return partial(self._guard, work)

    def _guard(self, work: Callable[..., object], *words: Any) -> None:
        try:
            work(*words)
        except BottegaError as error:
            self._warn(error)
        except Exception as error:
            log.exception("Bottega's docker failed")
            self.panel.notice.warn(f"Bottega's plug-in failed: {error}", "See Krita's log.")
