"""The docker: joins the panel to the Easel and to the document in front."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from krita import DockWidget, Krita

from bottega_client.board import Board
from bottega_client.easel import Easel
from bottega_client.editor import EditorError

from . import settings
from .context import in_front, look
from .document import KritaDocument
from .mailbox import Mailbox
from .new_document import new_document
from .panel import Panel
from .qt import QtCore, QtWidgets
from .widgets.address import AddressDialog
from .widgets.card import Card
from .widgets.zoom import Zoom

if TYPE_CHECKING:
    from krita import Canvas, Document

    from bottega_client.editor import Editor
    from bottega_client.entries import Event
    from bottega_client.history import Past
    from bottega_client.launch import Address
    from bottega_client.sight import Sight
    from bottega_client.wishes import Wish

    from .qt import QtGui
    from .ui_thread import UiThread

TITLE = "Bottega"
LOOK = 350
"""Milliseconds between two looks at the document in front, while the docker is to be seen."""


class Front:
    """The document in front, as a board asks for it."""

    def __init__(self, ui: UiThread) -> None:
        self._ui = ui

    def sight(self) -> Sight:
        """The document as it is now."""
        return look(in_front())

    def editor(self, wish: Wish) -> Editor:
        """Where the wish's result goes; raises EditorError where no picture is open for it."""
        size = wish.new_size
        return self._front() if size is None else new_document(size, self._ui)

    def notes(self) -> str:
        """What the document remembers, "" without a document."""
        document = in_front()
        return "" if document is None else self._edit(document).notes()

    def keep(self, wish: Wish) -> None:
        """What is chosen once stays so, over Krita's end too."""
        for name in settings.FIELDS:
            settings.write(name, getattr(wish, name))
        settings.write(settings.COUNT, str(wish.count))

    def address(self) -> Address | None:
        """The server that was chosen; None for that of this computer."""
        return settings.read_address()

    def keep_address(self, address: Address | None) -> None:
        """Use this server tomorrow too; None is that of this computer."""
        settings.write_address(address)

    def copy(self, text: str) -> None:
        """Put a text into the clipboard."""
        QtWidgets.QApplication.clipboard().setText(text)

    def name(self) -> str:
        """The document's own name, "" without a document."""
        document = in_front()
        return "" if document is None else self._edit(document).canvas().document

    def _front(self) -> Editor:
        document = in_front()
        if document is None:
            raise EditorError("No picture is open.", "Open or make one and try again.")
        return self._edit(document)

    def _edit(self, document: Document) -> KritaDocument:
        return KritaDocument(document, self._ui)


class BottegaDocker(DockWidget):
    """One to a main window."""

    def __init__(self, ui: UiThread) -> None:
        super().__init__()
        self.setWindowTitle(TITLE)
        self._front = Front(ui)
        self._mailbox = Mailbox(ui.post, self._show)
        program = f"Krita {Krita.instance().version()}"
        self.easel = Easel(program, self._mailbox.put, settings.folder() / "stops")
        self.panel = Panel()
        self._zoom = Zoom(self)
        self.board = Board(self.easel, self.panel, self._zoom, self._front)
        self._recall()
        self._looking = QtCore.QTimer(self)
        self._looking.setInterval(LOOK)
        self._looking.timeout.connect(self.board.guarded(self.board.look))
        self.setWidget(self.panel)
        self._connect()
        self.destroyed.connect(self.easel.close)

    def canvasChanged(self, canvas: Canvas) -> None:  # noqa: ARG002, N802  # Krita calls it so
        """Another document may be in front."""
        if self.isVisible():
            self.board.guard(self.board.look)

    def showEvent(self, event: QtGui.QShowEvent) -> None:  # noqa: N802  # Qt's name
        """The first sight of the docker is the moment to look for a server."""
        super().showEvent(event)
        self.board.guard(self._start)

    def hideEvent(self, event: QtGui.QHideEvent) -> None:  # noqa: N802  # Qt's name
        """Nobody looks: nothing has to be followed."""
        super().hideEvent(event)
        self._looking.stop()

    def begin(self, capability: str = "") -> None:
        """Paint: what the button says, or this."""
        self.board.begin(capability)

    def do(self, deed: Callable[[BottegaDocker], object]) -> None:
        """Have an action done; what goes wrong is shown."""
        self.board.guard(deed, self)

    def write(self) -> None:
        """The keyboard goes to the prompt."""
        self.panel.turn_to(self.panel.paint)
        self.panel.paint.prompt.setFocus()

    def place(self) -> None:
        """Place what is picked of the job at hand."""
        self.panel.paint.card.place_picked()

    def stop(self) -> None:
        """Stop what is painted for the document in front, or all where there is none."""
        self.easel.stop_all(self._front.name())

    def _show(self, event: Event) -> None:
        self.board.show(event)

    def _recall(self) -> None:
        paint, count = self.panel.paint, settings.read(settings.COUNT)
        for name in settings.FIELDS:
            if settings.read(name):
                getattr(paint, name).choose(settings.read(name))
        if count.isdecimal():
            paint.count.setValue(int(count))

    def _connect(self) -> None:
        panel, board = self.panel, self.board
        for signal, work in (
            (panel.paint.begun, board.begin),
            (panel.turned, board.turned),
            (panel.recent.asked, board.ask_recent),
            (panel.history.acted, self._act_on_past),
            (panel.recent.acted, lambda _deed, job: board.bring(job)),
            (panel.status.copy_asked, board.copy_diagnostics),
            (panel.status.connect_asked, self._ask_for_server),
            (self._zoom.wanted, self.easel.zoom),
            (self._zoom.placed, self.easel.place),
        ):
            signal.connect(board.guarded(work))
        panel.cards.made.connect(self._connect_card)
        self._connect_card(panel.paint.card)

    def _connect_card(self, card: Card) -> None:
        for signal, work in (
            (card.stopped, self.easel.stop),
            (card.discarded, self.easel.discard),
            (card.placed, self.easel.place),
            (card.zoomed, self.board.look_closer),
            (card.reused, self.board.use_again),
        ):
            signal.connect(self.board.guarded(work))

    def _act_on_past(self, deed: str, past: Past) -> None:
        if deed == "bring":
            self.board.bring_past(past)
        else:
            self.board.use_past(past)

    def _ask_for_server(self) -> None:
        kept = self._front.address()
        dialog = AddressDialog(self, "" if kept is None else kept.url)
        if dialog.exec():
            self.board.connect(dialog.typed(), dialog.token())

    def _start(self) -> None:
        self.board.start()
        self._looking.start()
