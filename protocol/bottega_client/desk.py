"""The jobs in a panel's list, and the one thread that tells of what changes."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from .entries import Changed, Entry, Event, Gone

log = logging.getLogger(__name__)


class Desk:
    """Any thread may call, none is made to wait. Events are told in order.

    Of an entry that changes faster than it can be told the newest state is told.
    """

    def __init__(self, tell: Callable[[Event], None]) -> None:
        self._tell = tell
        self._entries: dict[bytes, Entry] = {}
        self._news: deque[Event | bytes] = deque()
        self._turn = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="bottega-tell", daemon=True)

    def start(self) -> None:
        """Tell from now on; once is enough."""
        with self._turn:
            if self._thread.ident is None:
                self._thread.start()

    def close(self) -> None:
        """Tell nothing any more."""
        with self._turn:
            self._closed = True
            self._turn.notify()

    def put(self, entry: Entry) -> bool:
        """A new job; False where it is in the list already."""
        with self._turn:
            if entry.job in self._entries:
                return False
            self._entries[entry.job] = entry
            self._say(entry.job)
            return True

    def change(self, job: bytes, **fields: Any) -> None:
        """Other values for some of an entry's fields; one that was dropped stays so."""
        with self._turn:
            before = self._entries.get(job)
            if before is None:
                return
            self._entries[job] = replace(before, **fields)
            if self._entries[job] != before and job not in self._news:
                self._say(job)

    def drop(self, job: bytes) -> None:
        """Out of the list."""
        with self._turn:
            if self._entries.pop(job, None) is not None:
                self._say(Gone(job))

    def get(self, job: bytes) -> Entry | None:
        """The newest state of a job."""
        with self._turn:
            return self._entries.get(job)

    def entries(self) -> tuple[Entry, ...]:
        """All of them, the newest last."""
        with self._turn:
            return tuple(self._entries.values())

    def say(self, event: Event) -> None:
        """Have an event told."""
        with self._turn:
            self._say(event)

    def _say(self, news: Event | bytes) -> None:
        self._news.append(news)
        self._turn.notify()

    def _run(self) -> None:
        while (event := self._next()) is not None:
            self._tell_one(event)

    def _tell_one(self, event: Event) -> None:
        try:
            self._tell(event)
        except Exception:  # the edge of a thread: a panel's mistake must not cost a result
            log.exception("the panel failed at an event")

    def _next(self) -> Event | None:
        with self._turn:
            while not self._closed:
                if not self._news:
                    self._turn.wait()
                    continue
                news = self._news.popleft()
                if not isinstance(news, bytes):
                    return news
                entry = self._entries.get(news)
                if entry is not None:
                    return Changed(entry)
        return None
