"""The headless middle of both panels: connection, jobs in flight, results, what a document keeps.

No call here blocks: what takes time is done on threads of the Easel's own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from bottega_protocol.errors import BottegaError, Refusal
from bottega_protocol.jobs import FINISHED, QUEUED, RUNNING

from . import entries as states
from . import reading
from .connection import Connection
from .course import STOPPING, Order, Tools, begun, end, order_course, watched
from .desk import Desk
from .diary import Diary
from .editor import Editor
from .entries import (
    Absent,
    Connected,
    Entry,
    Event,
    Joined,
    Missed,
    NotJoined,
    Quoted,
)
from .gallery import Gallery
from .invitation import redeem
from .kept_pixels import KeptPixels
from .launch import Address, address_of
from .newest import Newest
from .picking import brought_course, put, zoom
from .stops import Stops
from .wishes import Wish

MOST_ENTRIES = 60
"""Jobs in the list, where enough of them have ended: documents and server remember the rest."""

MOST_RESUMED = 20
"""Results of one document that are brought when it is opened."""


class Easel:
    """One panel's work. `tell` is called on the Easel's thread, one event after the other.

    `folder` is a place of the editor's own, where stops are kept that no server has heard of yet.
    """

    def __init__(
        self, program: str, tell: Callable[[Event], None], folder: Path | None = None
    ) -> None:
        self._program = program
        self._stops = Stops(folder)
        desk = Desk(tell)
        self._tools = Tools(Connection(program, self._heard), desk, KeptPixels(), Diary())
        self._orders: dict[bytes, Order] = {}
        self._gallery = Gallery(self._tools.connection, desk)
        self._quotes = Newest("bottega-quote", self._estimate)

    @property
    def closed(self) -> bool:
        """Whether nobody listens any more."""
        return self._tools.connection.closed.is_set()

    def start(self) -> None:
        """Look for a server from now on; once is enough."""
        self._tools.desk.start()
        self._tools.connection.start()

    def close(self) -> None:
        """Tell nothing any more and hang up; jobs that were accepted go on at the server."""
        for part in (self._tools.connection, self._tools.desk, self._gallery, self._quotes):
            part.close()
        self._tools.diary.stop()

    def connect_to(self, url: str, token: str) -> None:
        """Use the server with this address; with an empty one, that of this machine again.

        `url` is ws://HOST:PORT or HOST:PORT; what pasting leaves around the two is dropped.
        """
        self.use(address_of(url, token) if url.strip() else None)

    def use(self, address: Address | None) -> None:
        """Use the server with this address; with None that of this machine again."""
        self._tools.connection.use(address)

    def join(self, invitation: str) -> None:
        """Redeem a pasted invitation, and use its server; told as Joined or NotJoined."""
        self.start()

        def work() -> None:
            address = redeem(invitation, self._program)
            self.use(address)
            self._tools.desk.say(Joined(address))

        self._errand("joining", lambda error: self._tools.desk.say(NotJoined(error)), work)

    # --- jobs --------------------------------------------------------------------------------

    def order(self, editor: Editor, capability: str, wish: Wish) -> bytes:
        """Start a job and give its id at once; several may run, also on one document.

        A single variation is placed when it arrives; of several the artist picks (`place`).
        """
        self.start()
        seed = reading.new_seed() if wish.seed is None else wish.seed
        order = Order(reading.new_job(), editor, threading.Event())
        self._orders[order.job] = order
        self._tidy()
        self._tools.desk.put(begun(order.job, capability, wish, seed))
        asked = replace(wish, seed=seed)
        self._run(order, lambda: order_course(self._tools, order, capability, asked))
        return order.job

    def stop(self, job: bytes) -> None:
        """Stop a job that is in flight."""
        order, entry = self._orders.get(job), self._tools.desk.get(job)
        if order is not None and entry is not None and entry.state in states.IN_FLIGHT:
            self._stops.add(job)
            order.stop.set()
            self._tools.desk.change(job, report=STOPPING)

    def stop_all(self, document: str = "") -> None:
        """Stop every job in flight, or those of one document."""
        for entry in self.entries():
            if entry.state in states.IN_FLIGHT and document in ("", entry.document):
                self.stop(entry.job)

    def place(self, job: bytes, variations: Sequence[int], editor: Editor | None = None) -> None:
        """Put picked variations into the job's document, or into another; once more if asked."""
        order = self._orders.get(job)
        if order is None:
            return
        order = Order(job, editor or order.editor, threading.Event())
        picked = tuple(variations)
        self._errand("placing", _nothing, lambda: put(self._tools, order, picked))

    def zoom(self, job: bytes, variation: int, side: int) -> None:
        """Have a larger picture of a variation told as Zoomed."""
        order = self._orders.get(job)
        if order is None:
            return
        order = Order(job, order.editor, threading.Event())
        missed = partial(self._missed, job)
        self._errand("zooming", missed, lambda: zoom(self._tools, order, variation, side))

    def discard(self, job: bytes) -> None:
        """Out of the list, stopped if it is in flight; what is finished the server keeps."""
        self.stop(job)
        self._tools.desk.drop(job)
        self._orders.pop(job, None)

    def _tidy(self) -> None:
        """A day's work would fill the memory with pictures.

        First the oldest goes that has ended, then the oldest that waits to be picked from: it is
        among the recent results, and comes again with its document.
        """
        entries = self.entries()
        idle = [each for each in entries if each.state not in states.IN_FLIGHT]
        idle.sort(key=lambda entry: entry.state == states.READY)
        for entry in idle[: max(0, len(entries) - MOST_ENTRIES + 1)]:
            self.discard(entry.job)

    # --- kept results ------------------------------------------------------------------------

    def recent(self, search: str = "", document: str = "", skip: int = 0) -> None:
        """Have a page of the kept jobs told as Recent, then how they look, each as Seen.

        Only the newest question is answered.
        """
        self.start()
        self._gallery.ask(search, document, skip)

    def bring(self, job: bytes, editor: Editor) -> None:
        """Make a kept job an entry again, to be placed into this document."""
        self.start()
        self._bring(job, editor, place=False)

    def resume(self, editor: Editor) -> None:
        """Bring this document's results that were never placed; a single variation is placed."""
        self.start()
        self._errand("resuming", _nothing, lambda: self._resume(editor))

    # --- looking ahead -----------------------------------------------------------------------

    def quote(self, editor: Editor, capability: str, wish: Wish) -> None:
        """Have told as Quoted what would be painted; only the newest question is answered."""
        self.start()
        self._quotes.ask((editor, capability, wish))

    def entries(self) -> tuple[Entry, ...]:
        """Every job in the list, the newest last."""
        return self._tools.desk.entries()

    def diagnostics(self) -> str:
        """Versions, the server's address, state, last errors, last lines of the log; no token."""
        tools = self._tools
        return tools.diary.text(self._program, tools.connection.said, self.entries())

    # --- on threads of its own ---------------------------------------------------------------

    def _heard(self, said: Connected | Absent) -> None:
        if isinstance(said, Connected):
            self._tools.diary.note(f"connected to {said.server} at {said.address.url}")
            if self._stops.all():
                self._errand("stopping", _nothing, self._tell_stops)
        else:
            self._tools.diary.note_error("no server", said.error)
        self._tools.desk.say(said)

    def _run(self, order: Order, course: Callable[[], bool], *, place: bool = True) -> None:
        """Carry out a job's course; a single variation is placed at once, where that is wanted."""

        def whole() -> None:
            if course() and place:
                # What can't be placed is not lost: it waits in the list, and its entry says why.
                with watched(self._tools, "placing", _nothing):
                    put(self._tools, order, (0,))

        self._errand("a job", partial(self._ended, order), whole)

    def _ended(self, order: Order, error: BottegaError) -> None:
        now = self._orders.get(order.job)
        # One that was dropped may have been brought again: its new course is another's.
        if now is not None and now.stop is order.stop:
            end(self._tools, order, error)
        if order.stop.is_set():
            self._errand("stopping", _nothing, lambda: self._call_off(order.job))

    def _call_off(self, job: bytes) -> None:
        """Also where the server was gone, or had painted it: it must not come back by itself."""
        self._tools.connection.mending(
            lambda client: client.call_off(job), threading.Event(), lambda: None
        )
        self._stops.remove(job)

    def _tell_stops(self) -> None:
        """What was stopped while no server was there to hear of it, perhaps in an earlier life."""
        client = self._tools.connection.client()
        for job in self._stops.all():
            try:
                client.outcome(job)
            except Refusal:  # another server's, or it never arrived there
                continue
            client.call_off(job)
            self._stops.remove(job)

    def _errand(
        self, what: str, failed: Callable[[BottegaError], None], work: Callable[[], None]
    ) -> None:
        def run() -> None:
            with watched(self._tools, what, failed):
                work()

        threading.Thread(target=run, name=f"bottega-{what}", daemon=True).start()

    def _missed(self, job: bytes, error: BottegaError) -> None:
        self._tools.desk.say(Missed(job, error))

    def _bring(self, job: bytes, editor: Editor, *, place: bool) -> None:
        known = self._tools.desk.get(job)
        if known is not None and known.state in (states.FAILED, states.STOPPED):
            self._tools.desk.drop(job)
        before, order = self._orders.get(job), Order(job, editor, threading.Event())
        if self._tools.desk.put(Entry(job, "", Wish())):
            self._orders[job] = order
            self._run(order, lambda: brought_course(self._tools, order), place=place)
        elif before is not None:
            # It is in the list: from here on it is for this document.
            self._orders[job] = replace(before, editor=editor)

    def _resume(self, editor: Editor) -> None:
        document = editor.on_ui(editor.canvas).document
        stopped = self._stops.all()
        kept = self._tools.connection.client().results(0, MOST_RESUMED, "", document)
        for job in reversed(kept):
            waits = job.state in (FINISHED, QUEUED, RUNNING) and not job.fetched
            waits = waits and job.job not in stopped
            if waits and self._tools.desk.get(job.job) is None:
                self._bring(job.job, editor, place=True)

    def _estimate(self, question: tuple[Editor, str, Wish]) -> Callable[[], None]:
        editor, capability, wish = question
        try:
            canvas = editor.on_ui(editor.canvas)
            plan = reading.quote(self._tools.connection.client(), capability, canvas, wish)
            event = Quoted(plan, None)
        except BottegaError as error:
            event = Quoted(None, error)
        return lambda: self._tools.desk.say(event)


def _nothing(_: BottegaError) -> None:
    """What went wrong is told elsewhere."""
