"""One job: how far it is, what it looks like, and what came of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from bottega_client.choose import CAPABILITIES, label_of
from bottega_client.entries import IN_FLIGHT
from bottega_client.words import advice_for, hints_for, stage_of
from bottega_krita.icons import icon
from bottega_krita.qt import QtCore, QtWidgets

from .framed import Framed
from .line import Line
from .picture import Picture
from .tiles import Tiles
from .words import Words

if TYPE_CHECKING:
    from bottega_client.entries import Entry

WHOLE = 1000
LARGE, SMALL = 128, 64
"""Pixels of a preview's height: on the page where one paints, and in the list."""

THIN = 6
"""Pixels of the progress bar."""


class Card(Framed):
    """Shows an entry. Asks with the job's id, and the variations where it is about some."""

    stopped = QtCore.pyqtSignal(bytes)
    discarded = QtCore.pyqtSignal(bytes)
    placed = QtCore.pyqtSignal(bytes, tuple)
    zoomed = QtCore.pyqtSignal(bytes, int)
    reused = QtCore.pyqtSignal(bytes)

    def __init__(self, preview_height: int) -> None:
        super().__init__()
        self.setObjectName("bottega_card")
        self.entry: Entry | None = None
        self._title = Line("bottega_title", "Job")
        self._stage = Line("bottega_stage", "State")
        self._bar = QtWidgets.QProgressBar()
        self._bar.setObjectName("bottega_progress")
        self._bar.setAccessibleName("Progress")
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(THIN)
        self._preview = Picture("bottega_preview", "Preview", preview_height)
        self.tiles = Tiles()
        self._remedy = Words("bottega_remedy", "Remedy")
        self._away = _tool("bottega_stop", "dialog-cancel")
        self._reuse = _tool("bottega_reuse", "edit-undo")
        self._place = QtWidgets.QPushButton("Place")
        self._place.setObjectName("bottega_place")
        _name(self._reuse, "Use these settings again")
        self._lay_out()
        self._connect()

    def show_entry(self, entry: Entry) -> None:
        """Show how an entry stands."""
        if self.entry is not None and self.entry.job != entry.job:
            self.tiles.clear()
        self.entry = entry
        in_flight = entry.state in IN_FLIGHT
        self._title.say(entry.title or label_of(CAPABILITIES, entry.capability))
        self._stage.say(stage_of(entry), hints_for(entry))
        self._show_progress(entry)
        _name(self._away, "Stop" if in_flight else "Put away (the server keeps the result)")
        self._away.setIcon(icon("dialog-cancel" if in_flight else "edit-delete"))
        self._reuse.setVisible(not in_flight)
        self.tiles.setVisible(len(entry.variations) > 0)
        self.tiles.show_variations(entry.variations)
        advice = advice_for(entry)
        self._remedy.setVisible(bool(advice))
        self._remedy.say(advice)
        self._show_place()

    def _show_progress(self, entry: Entry) -> None:
        in_flight, report = entry.state in IN_FLIGHT, entry.report
        fraction = None if report is None else report.fraction
        self._bar.setVisible(in_flight)
        self._bar.setRange(0, 0 if fraction is None else WHOLE)
        self._bar.setValue(round((fraction or 0) * WHOLE))
        # There from the start: what lies below must not move away from under the mouse.
        self._preview.setVisible(in_flight)
        preview = entry.preview
        if preview is None:
            self._preview.clear()
        elif in_flight:
            self._preview.show_rgb(preview.width, preview.height, preview.pixels)

    def _show_place(self) -> None:
        """Several are picked from; of a single one there is nothing to pick."""
        entry, picked = self.entry, self.tiles.picked()
        waiting = entry is not None and any(not shown.placed for shown in entry.variations)
        self._place.setVisible(waiting)
        self._place.setEnabled(bool(picked))
        text = f"Place {len(picked)} layers" if len(picked) > 1 else "Place"
        self._place.setText(text)
        self._place.setAccessibleName(text if picked else "Place what is picked")

    def _connect(self) -> None:
        self._away.clicked.connect(self._put_away)
        self._reuse.clicked.connect(partial(self._emit, self.reused))
        self._place.clicked.connect(self.place_picked)
        self.tiles.picked_changed.connect(self._show_place)
        self.tiles.zoomed.connect(lambda variation: self._emit(self.zoomed, variation))

    def place_picked(self) -> None:
        """Ask for what is picked."""
        picked = self.tiles.picked()
        if picked:
            self._emit(self.placed, picked)

    def _put_away(self) -> None:
        in_flight = self.entry is not None and self.entry.state in IN_FLIGHT
        self._emit(self.stopped if in_flight else self.discarded)

    def _emit(self, signal: QtCore.pyqtBoundSignal, *words: object) -> None:
        if self.entry is not None:
            signal.emit(self.entry.job, *[word for word in words if not isinstance(word, bool)])

    def _lay_out(self) -> None:
        head = QtWidgets.QHBoxLayout()
        head.setSpacing(2)
        head.addWidget(self._title, 1)
        head.addWidget(self._reuse)
        head.addWidget(self._away)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(6, 4, 4, 6)
        column.setSpacing(4)
        column.addLayout(head)
        for part in (self._stage, self._remedy, self._bar, self._preview, self.tiles, self._place):
            column.addWidget(part)


def _tool(name: str, picture: str) -> QtWidgets.QToolButton:
    button = QtWidgets.QToolButton()
    button.setObjectName(name)
    button.setAutoRaise(True)
    button.setIcon(icon(picture))
    button.setFocusPolicy(QtCore.Qt.FocusPolicy.StrongFocus)
    return button


def _name(button: QtWidgets.QToolButton, text: str) -> None:
    button.setAccessibleName(text)
    button.setToolTip(text)
