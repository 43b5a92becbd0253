"""Events from other threads, brought to the UI thread: of a job's news only the newest counts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable

from bottega_client.entries import Changed, Event

Post = Callable[[Callable[[], None]], None]


class Mailbox:
    """However many events come while the UI thread is busy, it is woken once."""

    def __init__(self, post: Post, show: Callable[[Event], None]) -> None:
        self._post = post
        self._show = show
        self._lock = threading.Lock()
        self._waiting: dict[Hashable, Event] = {}

    def put(self, event: Event) -> None:
        """On any thread: have an event shown."""
        key = (Changed, event.entry.job) if isinstance(event, Changed) else object()
        with self._lock:
            asleep = not self._waiting
            # Out and in again: it has to come after what was put before it.
            self._waiting.pop(key, None)
            self._waiting[key] = event
        if asleep:
            self._post(self._open)

    def _open(self) -> None:
        with self._lock:
            events, self._waiting = self._waiting, {}
        for event in events.values():
            self._show(event)
