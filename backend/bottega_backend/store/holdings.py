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


RARELY = 100.0
"""A look is good for so many times as long as it took: it grows with what is kept."""


@dataclass(frozen=True)
class Held:
    """Jobs in the journal, ended or not, and bytes of blobs, those that only half came too."""

    jobs: int
    size: int


NOTHING = Held(0, 0)


class Holdings:
    """Looks, and remembers for a while. Store thread only."""

    def __init__(
        self, journal: Journal, blobs: Blobs, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._journal = journal
        self._blobs = blobs
        self._now = now
        self._seen: dict[str, _Look] = {}

    def of(self, account: str, most: Held) -> Held:
        """What this account has; where that is as much as may be, fetched results go first."""
        look = self._seen.get(account)
        fresh = look is not None and self._now() < look.until
        if look is None or not fresh or (look.guessed and not _fits(look.held, most)):
            begun = self._now()
            held = self._after_making_room(account, most)
            now = self._now()
            look = _Look(now + max(LOOK_SECONDS, RARELY * (now - begun)), held)
            self._seen[account] = look
        return look.held

    def coming(self, account: str, jobs: int = 0, size: int = 0) -> None:
        """So much is about to come to it: counted until the next look counts what has come."""
        if look := self._seen.get(account):
            held = Held(look.held.jobs + jobs, look.held.size + size)
            self._seen[account] = _Look(look.until, held, guessed=True)

    def _after_making_room(self, account: str, most: Held) -> Held:
        held = self._look(account)
        if _fits(held, most):
            return held
        limit = (most.jobs - 1, most.size)
        make_room_of(self._journal, self._blobs, account, limit, self._journal.clock())
        return self._look(account)

    def _look(self, account: str) -> Held:
        return Held(self._journal.count(account), self._blobs.held(account))


@dataclass(frozen=True)
class _Look:
    """What was seen, and how long it holds; `guessed` where something was to come since."""

    until: float
    held: Held
    guessed: bool = False


def _fits(held: Held, most: Held) -> bool:
    return held.jobs < most.jobs and held.size <= most.size
