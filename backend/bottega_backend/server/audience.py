"""Who is told what happens to a job: the connections of its owner that follow it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from bottega_protocol.schema import Record

from .visit import Visit


class Audience:
    """Jobs by number and the visits that follow them. There is no way to tell everybody."""

    def __init__(self) -> None:
        self._visits: set[Visit] = set()
        self._followers: defaultdict[int, set[Visit]] = defaultdict(set)

    @contextmanager
    def present(self, visit: Visit) -> Iterator[None]:
        """As long as this visit lasts."""
        self._visits.add(visit)
        try:
            yield
        finally:
            self._visits.discard(visit)
            for number in list(self._followers):
                self.leave(number, visit)

    def count(self, account: str) -> int:
        """How many connections an account has."""
        return sum(visit.account == account for visit in self._visits)

    def everyone(self) -> tuple[Visit, ...]:
        """Every visit that lasts."""
        return tuple(self._visits)

    def accounts(self) -> set[str]:
        """Whoever has a connection."""
        return {visit.account for visit in self._visits}

    def follow(self, number: int, visit: Visit) -> None:
        """From here on tell this visit of the job."""
        if visit in self._visits:
            self._followers[number].add(visit)

    def leave(self, number: int, visit: Visit) -> None:
        """Tell this visit no more of the job."""
        self._followers[number].discard(visit)
        if not self._followers[number]:
            del self._followers[number]

    def followed(self, number: int) -> bool:
        """Whether anybody wants to know of the job."""
        return number in self._followers

    def tell(self, number: int, message: Record) -> None:
        """Tell a job's followers."""
        for visit in self._followers.get(number, ()):
            visit.outbox.send(message)

    def close(self, number: int, message: Record) -> None:
        """Tell a job's followers the last that there is to tell."""
        self.tell(number, message)
        self._followers.pop(number, None)
