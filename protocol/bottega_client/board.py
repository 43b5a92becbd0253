"""What both panels do with what the artist clicks and with what the Easel tells.

A panel's toolkit and its editor are behind `Face`, `Zoom` and `Bench`. All of it is called on
the editor's UI thread.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from bottega_protocol.errors import BottegaError

from . import history
from .easel import Easel
from .editor import VISIBLE
from .entries import (
    PLACED,
    Absent,
    Changed,
    Connected,
    Event,
    Gone,
    Joined,
    Missed,
    NotJoined,
    Quoted,
    Recent,
    Seen,
    Zoomed,
)
from .faces import Bench, Face, Zoom
from .history import Past
from .invitation import looks_like_invitation
from .launch import address_of
from .sight import Sight
from .wishes import Wish
from .words import told

CONNECTION = "connection"
COPIED = "Copied. Paste it where you ask for help; it holds no token."
JOINING = "Taking the invitation …"
JOINED = "You are {} here. The invitation is used; this computer is let in from now on."

log = logging.getLogger(__name__)


class Board:
    """Joins an Easel, a panel and an editor; `show` is what the Easel tells, on the UI thread."""

    def __init__(self, easel: Easel, face: Face, zoom: Zoom, bench: Bench) -> None:
        self._easel = easel
        self._face = face
        self._zoom = zoom
        self._bench = bench
        self._sight = Sight()
        self._asked: object = None
        self._connected = False
        self._resumed: set[str] = set()
        self._show_as: dict[type, Callable[[Any], None]] = {
            Connected: self._show_connected,
            Absent: self._show_absent,
            Joined: self._show_joined,
            NotJoined: lambda event: self.warn(event.error),
            Changed: self._show_changed,
            Gone: lambda event: face.remove(event.job),
            Recent: self._show_recent,
            Seen: lambda event: face.recent.show_picture(event.job, event.picture),
            Zoomed: zoom.show_picture,
            Missed: lambda event: self.warn(event.error),
            Quoted: self._show_quoted,
        }

    def start(self) -> None:
        """Look for the server that was chosen, and follow the document."""
        self._easel.use(self._bench.address())
        self._easel.start()
        self.look()

    # --- what the artist asks ----------------------------------------------------------------

    def begin(self, capability: str = "") -> None:
        """Paint: what the button says, or this."""
        self.look()
        self._face.notice.clear()
        wish, shown = self._face.paint.wish(), self._face.paint.capability
        wanted = capability or shown
        if wanted != shown:
            wish = replace(wish, strength=None)
        if wanted != "generate":
            # Only what is painted from nothing can have a picture of its own.
            wish = replace(wish, width=0, height=0)
        editor = self._bench.editor(wish)
        self._bench.keep(wish)
        self._easel.order(editor, wanted, wish)

    def look_closer(self, job: bytes, variation: int) -> None:
        """Show a variation large."""
        entry = self._face.entry(job)
        if entry is not None:
            self._zoom.look_at(entry, variation)

    def use_again(self, job: bytes) -> None:
        """Take a job's settings back into the fields, its seed too."""
        entry = self._face.entry(job)
        if entry is not None:
            self._use(replace(entry.wish, seed=entry.seed), entry.capability)

    def use_past(self, past: Past) -> None:
        """Take the settings of what the document remembers back into the fields."""
        self._use(past.wish(), past.capability)

    def _use(self, wish: Wish, capability: str) -> None:
        self._face.paint.show_wish(wish, capability)
        self._face.turn_to(self._face.paint)

    def turned(self) -> None:
        """Another page is in front: have it show what is so now."""
        self.show_history()
        if self._face.shows(self._face.recent):
            self._face.recent.ask()

    def bring(self, job: bytes) -> None:
        """Have a kept job's result for the document in front."""
        self._easel.bring(job, self._bench.editor(Wish()))
        self._face.turn_to(self._face.paint)

    def bring_past(self, past: Past) -> None:
        """Have the result of what the document remembers once more."""
        self.bring(past.job)

    def ask_recent(self, search: str, skip: int) -> None:
        """Have a page of what the server keeps shown."""
        self._easel.recent(search=search, skip=skip)

    def copy_diagnostics(self) -> None:
        """Into the clipboard, for whoever helps."""
        self._bench.copy(self._easel.diagnostics())
        self._face.notice.say(COPIED)

    def connect(self, typed: str, token: str) -> None:
        """Use the server of an invitation or an address; with neither, that of this computer."""
        if looks_like_invitation(typed):
            self._face.notice.say(JOINING)
            self._easel.join(typed)
            return
        kept = self._bench.address()
        if kept is not None and (typed.strip(), token.strip()) == (kept.url, ""):
            # As it stood in the dialog: certificate and account are not typed again.
            self._easel.use(kept)
            return
        address = address_of(typed, token) if typed.strip() else None
        self._easel.use(address)
        self._bench.keep_address(address)

    # --- the document in front ---------------------------------------------------------------

    def look(self) -> None:
        """Follow the document: what would be done to it, and how."""
        sight = self._bench.sight()
        self._face.paint.show_context(selected=sight.selected)
        if sight.document != self._sight.document:
            self._sight = sight
            self.show_history()
        self._sight = sight
        wish, capability = self._face.paint.wish(), self._face.paint.capability
        question = (sight, capability, replace(wish, prompt="", negative="", seed=None))
        if question == self._asked or not self._connected:
            return
        self._asked = question
        if sight.document or wish.new_size:
            # No layer has to be active yet: the canvas alone is asked.
            seen = self._bench.editor(replace(wish, source=VISIBLE))
            self._easel.quote(seen, capability, wish)
        else:
            self._face.paint.show_plan(None)
        if sight.document and sight.document not in self._resumed:
            # Once for a document: what was painted for it while the editor was closed.
            self._resumed.add(sight.document)
            self._easel.resume(self._bench.editor(Wish()))

    def show_history(self) -> None:
        """List what the document in front remembers, if that page is open."""
        if self._face.shows(self._face.history):
            self._face.history.show_pasts(history.read(self._bench.notes()))

    # --- what the Easel tells ----------------------------------------------------------------

    def show(self, event: Event) -> None:
        """On the UI thread; nothing happens once the Easel is closed."""
        # A window may be closed, and its panel with it, while events are on their way.
        if not self._easel.closed:
            self.guard(self._show_as[type(event)], event)

    def _show_connected(self, event: Connected) -> None:
        self._face.status.show_connected(event.address.url.partition("://")[2], event.server)
        self._face.paint.show_offers(event.offers)
        self._face.notice.settle(CONNECTION)
        self._asked, self._connected = None, True

    def _show_absent(self, event: Absent) -> None:
        self._connected = False
        self._face.status.show_absent(told(event.error)[0])
        self._face.paint.show_plan(None)
        self.warn(event.error, CONNECTION)

    def _show_joined(self, event: Joined) -> None:
        self._bench.keep_address(event.address)
        self._face.notice.say(JOINED.format(event.address.account))

    def _show_changed(self, event: Changed) -> None:
        entry = event.entry
        before = self._face.entry(entry.job)
        self._face.show_entry(entry)
        self._zoom.show_entry(entry)
        if entry.outcome is not None and (before is None or before.outcome is None):
            self._face.paint.show_used(entry.seed)
        if entry.state == PLACED:
            self.show_history()

    def _show_recent(self, event: Recent) -> None:
        if event.error is None:
            self._face.recent.show_page(event)
        else:
            # What is listed may well be there still.
            self.warn(event.error)

    def _show_quoted(self, event: Quoted) -> None:
        trouble = "" if event.error is None else told(event.error)[0]
        self._face.paint.show_plan(event.plan, trouble)

    # --- the edge ----------------------------------------------------------------------------

    def warn(self, error: BottegaError, about: str = "") -> None:
        """Say what went wrong and what helps."""
        self._face.notice.warn(*told(error), about)

    def guarded(self, work: Callable[..., object]) -> Callable[..., None]:
        """The edge of the UI thread: what escaped here an editor would show badly or not at all."""
        return partial(self.guard, work)

    def guard(self, work: Callable[..., object], *words: Any) -> None:
        """Do something; what goes wrong is shown."""
        try:
            work(*words)
        except BottegaError as error:
            self.warn(error)
        except Exception as error:
            log.exception("Bottega's panel failed")
            self._face.notice.warn(f"Bottega's plug-in failed: {error}", "Its log has the details.")
