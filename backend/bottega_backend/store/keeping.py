"""What is kept of ended jobs, for how long and in how much room: the rest is swept out.

What was fetched goes before what was not, the oldest first; pixels of unfinished jobs never go.
Rows go before files: what a power cut leaves of them is named by nobody, and goes the next time.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import chain

from bottega_backend.settings import Keeping

from .blobs import Blobs, KeptBlob, account_folder
from .journal import EndedJob, Journal

DAY = 86_400.0
HOUR = 3_600.0
FRESH = HOUR
"""Seconds for which nothing goes for want of room: somebody may be about to fetch it."""


@dataclass(frozen=True)
class Swept:
    """What went: jobs, files and their bytes."""

    jobs: int = 0
    files: int = 0
    size: int = 0


class Sweep:
    """One look at the whole store. Make it and use it on the store thread, at once."""

    def __init__(self, journal: Journal, blobs: Blobs, now: float) -> None:
        self._journal = journal
        self._blobs = blobs
        self._now = now
        everything = chain(blobs.everything(), blobs.parts())
        self._files = {(blob.folder, blob.name): blob for blob in everything}
        self._names: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
        self._of: defaultdict[int, set[tuple[str, str]]] = defaultdict(set)
        for number, place in journal.named():
            self._names[place].add(number)
            self._of[number].add(place)
        self._jobs: list[int] = []
        self._gone: list[KeptBlob] = []

    @property
    def size(self) -> int:
        """Bytes of every file that is to stay."""
        return sum(blob.size for blob in self._files.values())

    def expire(self, keeping: Keeping) -> None:
        """What is older than may be."""
        for job in self._journal.ended():
            if job.ended < self._now - keeping.days * DAY:
                self._drop(job)
        self._loose(self._now - keeping.upload_hours * HOUR)

    def shrink(self, size: int, *, unfetched: bool) -> None:
        """Down to so many bytes, as far as that goes; what was not fetched only if told so."""
        left = self.size
        if left <= size:
            return
        left -= self._loose(self._now - FRESH)
        dropped = set(self._jobs)
        for job in sorted(self._journal.ended(), key=lambda job: (not job.fetched, job.ended)):
            if left <= size or not (job.fetched or unfetched):
                return
            if job.number not in dropped and job.ended < self._now - FRESH:
                left -= self._drop(job)

    def shrink_account(self, account: str, jobs: int, size: int) -> None:
        """One account's down to so many, as far as its fetched results go."""
        folder = account_folder(account)
        count = self._journal.count(account)
        left = sum(blob.size for (owner, _), blob in self._files.items() if owner == folder)
        ended = [job for job in self._journal.ended(account) if job.fetched]
        for job in sorted(ended, key=lambda job: job.ended):
            if (count <= jobs and left <= size) or job.ended >= self._now - FRESH:
                return
            left -= self._drop(job)
            count -= 1

    def carry_out(self) -> Swept:
        """Do it: the rows, then the files."""
        self._journal.forget(self._jobs)
        for blob in self._gone:
            self._blobs.remove(blob)
        return Swept(len(self._jobs), len(self._gone), sum(blob.size for blob in self._gone))

    def _drop(self, job: EndedJob) -> int:
        """A job goes, with the files that nobody else names; gives their bytes.

        One that was just used stays: a job that is about to be accepted or to end counts on it.
        """
        self._jobs.append(job.number)
        freed = 0
        for place in self._of.pop(job.number, ()):
            self._names[place].discard(job.number)
            if not self._names[place]:
                freed += self._let_go(place, self._now - FRESH)
        return freed

    def _loose(self, before: float) -> int:
        """Files that nobody names and nobody has used since; gives their bytes."""
        loose = [place for place in self._files if not self._names.get(place)]
        return sum(self._let_go(place, before) for place in loose)

    def _let_go(self, place: tuple[str, str], before: float) -> int:
        blob = self._files.get(place)
        if blob is None or blob.used >= before:
            return 0
        self._gone.append(self._files.pop(place))
        return blob.size


def sweep(journal: Journal, blobs: Blobs, keeping: Keeping, now: float) -> Swept:
    """Everything that has to go now."""
    look = Sweep(journal, blobs, now)
    look.expire(keeping)
    look.shrink(int(keeping.gigabytes * 1e9), unfetched=True)
    return look.carry_out()


def make_room(journal: Journal, blobs: Blobs, wanted: int, now: float) -> Swept:
    """Free so many bytes of a full disk, as far as fetched results go."""
    look = Sweep(journal, blobs, now)
    look.shrink(look.size - wanted, unfetched=False)
    return look.carry_out()


def make_room_of(
    journal: Journal, blobs: Blobs, account: str, most: tuple[int, int], now: float
) -> Swept:
    """Let one account's fetched results go until it has so many jobs and bytes at most."""
    look = Sweep(journal, blobs, journal.clock() if now is None else now)
    look.shrink_account(account, *most)
    return look.carry_out()
