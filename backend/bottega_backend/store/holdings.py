"""What each account has stored, so that one of them can't fill the disk for all."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from .blobs import Blobs
from .journal import Journal
from .keeping import make_room_of

LOOK_SECONDS = 10.0
"""How old a look may be: it reads a folder with a file for every blob."""


@dataclass(frozen=True)
class Held:
    """Jobs in the journal, ended or not, and bytes of blobs, those that only half came too."""

    jobs: int
    size: int


class Holdings:
    """Looks, and remembers for a while. Store thread only."""

    def __init__(
        self, journal: Journal, blobs: Blobs, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._journal = journal
        self._blobs = blobs
        self._now = now
        self._seen: dict[str, tuple[float, Held]] = {}

    def of(self, account: str, most: Held) -> Held:
        """What this account has; where that is as much as may be, fetched results go first."""
        when, held = self._seen.get(account, (0.0, Held(0, 0)))
        if account in self._seen and self._now() - when < LOOK_SECONDS:
            return held
        held = self._look(account)
        if held.jobs >= most.jobs or held.size > most.size:
            make_room_of(self._journal, self._blobs, account, (most.jobs - 1, most.size))
            held = self._look(account)
        self._seen[account] = (self._now(), held)
        return held

    def coming(self, account: str, jobs: int = 0, size: int = 0) -> None:
        """So much is about to come to it: counted until the next look counts what has come."""
        if account in self._seen:
            when, held = self._seen[account]
            self._seen[account] = (when, Held(held.jobs + jobs, held.size + size))

    def _look(self, account: str) -> Held:
        return Held(self._journal.count(account), self._blobs.held(account))
