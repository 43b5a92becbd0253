"""Which blobs are on their way to the server, and for whom: as many at a time as may be."""

from __future__ import annotations

import threading
from collections.abc import Callable

from bottega_protocol.errors import Refusal
from bottega_protocol.transfers import MOST_TRANSFERS

LOOK_UP = 0.1
"""Seconds after which a thread that waits for a place looks whether it still wants one."""


class Uploads:
    """Transfer numbers and the jobs that they are for. Any thread may call."""

    def __init__(self) -> None:
        self._jobs: dict[int, bytes] = {}
        self._turn = threading.Condition()

    def begin(self, transfer: int, job: bytes, unwanted: Callable[[], bool]) -> bool:
        """Take a place, waiting for one; False once it is `unwanted`."""
        with self._turn:
            while len(self._jobs) >= MOST_TRANSFERS:
                if unwanted():
                    return False
                self._turn.wait(LOOK_UP)
            if unwanted():
                return False
            self._jobs[transfer] = job
            return True

    def end(self, transfer: int) -> bytes:
        """Free its place; gives its job, or nothing for one that is not under way."""
        with self._turn:
            self._turn.notify_all()
            return self._jobs.pop(transfer, b"")

    def of(self, job: bytes) -> list[int]:
        """What is under way for a job."""
        with self._turn:
            return [transfer for transfer, owner in self._jobs.items() if owner == job]

    def clear(self) -> None:
        """The line is gone, and with it all of them."""
        with self._turn:
            self._jobs.clear()
            self._turn.notify_all()


class Spoilt:
    """Whether pixels have to be sent once more, because what the server had kept was harmed."""

    def __init__(self) -> None:
        self._times = 0

    def by(self, event: object) -> bool:
        """Take an event of a job; True where its submit is worth sending again: not for ever."""
        if not isinstance(event, Refusal) or event.code != "wrong-hash":
            return False
        self._times += 1
        return self._times <= MOST_TRANSFERS
