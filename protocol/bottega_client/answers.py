"""The boxes in which threads wait for what the reading thread puts there."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from bottega_protocol.errors import BottegaError, Refusal
from bottega_protocol.messages import Refused
from bottega_protocol.schema import Record

ANSWER_SECONDS = 30.0

Box = queue.Queue[Record | BottegaError]


class Silent(BottegaError):
    """The connection stands, but no answer comes."""

    code = "silent"


class Followers:
    """Who hears of which job: several threads may follow one. Any thread may call."""

    def __init__(self) -> None:
        self._boxes: dict[bytes, list[Box]] = {}
        self._lock = threading.Lock()

    @contextmanager
    def box(self, job: bytes) -> Iterator[Box]:
        """A box of the caller's own, for as long as this lasts."""
        mine: Box = queue.Queue()
        with self._lock:
            self._boxes.setdefault(job, []).append(mine)
        try:
            yield mine
        finally:
            with self._lock:
                self._boxes[job].remove(mine)
                if not self._boxes[job]:
                    del self._boxes[job]

    def of(self, job: bytes) -> tuple[Box, ...]:
        """The boxes of those who follow this job."""
        with self._lock:
            return tuple(self._boxes.get(job, ()))

    def everyone(self) -> tuple[Box, ...]:
        """All boxes."""
        with self._lock:
            return tuple(box for boxes in self._boxes.values() for box in boxes)


def answer_in(box: Box, seconds: float = ANSWER_SECONDS) -> Record:
    """The next entry; raises it if it is an error, and Silent when none comes."""
    try:
        entry = box.get(timeout=seconds)
    except queue.Empty as error:
        raise Silent("The server does not answer.", "Look at its window or log.") from error
    if isinstance(entry, BottegaError):
        raise entry
    return entry


def news_in(event: Record | BottegaError) -> Record:
    """What the caller has to know of; raises what ends his job."""
    if isinstance(event, BottegaError):
        raise event
    if isinstance(event, Refused):
        raise Refusal(event.code, event.message, event.remedy)
    return event


def wrong(reply: Record) -> NoReturn:
    """It answered another question than was asked."""
    raise Refusal("bad-message", f"The server answered with {type(reply).__name__}.")
