"""Whose turn it is among waiting jobs: the state of a queue, and the rule, without any clock."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from typing import Protocol

from .batching import fits
from .job import Job, Placement


class Meters(Protocol):
    """What the rule has to know of accounts and jobs, in device seconds."""

    def had(self, account: str) -> float:
        """What an account had lately."""
        ...

    def left(self, job: Job) -> float:
        """What a running job will still need."""
        ...

    def live_first(self) -> bool:
        """Whether live previews may have the device now, while others wait."""
        ...


class Turns:
    """Waiting jobs by artist and running ones by number; `place` moves one to the other.

    The next job is the oldest of the account that stands best: had least, with what its running
    jobs will have had. While `live_first` says so live previews come before. Nobody passes a job
    that is next and fits nowhere, but for live previews that share a worker with the jobs it
    waits for.
    """

    def __init__(self, meters: Meters) -> None:
        self._meters = meters
        self._lines: dict[tuple[str, bool], list[Job]] = {}
        self.running: dict[int, Placement] = {}
        self._held: int | None = None

    def copy(self, meters: Meters) -> Turns:
        """The same jobs, for whoever wants to see what will come."""
        other = Turns(meters)
        other._lines = {key: list(jobs) for key, jobs in self._lines.items()}
        other.running = dict(self.running)
        other._held = self._held
        return other

    def add(self, job: Job) -> None:
        """A job waits, at its place among those of its account."""
        insort(self._lines.setdefault((job.account, job.live), []), job, key=_order)

    def remove(self, number: int) -> bool:
        """Take a waiting job out; False where it does not wait."""
        found = next((job for job in self.waiting() if job.number == number), None)
        if found is None:
            return False
        self._take(found)
        return True

    def _take(self, job: Job) -> None:
        line = self._lines[job.account, job.live]
        line.remove(job)
        if not line:
            del self._lines[job.account, job.live]
        if self._held == job.number:
            self._held = None

    @property
    def crowded(self) -> bool:
        """Whether anybody waits."""
        return bool(self._lines)

    def waiting(self) -> list[Job]:
        """Who waits, in no order between artists."""
        return [job for line in self._lines.values() for job in line]

    def residents(self, worker: int) -> list[Job]:
        """Who is in a worker."""
        return [entry.job for entry in self.running.values() if entry.worker == worker]

    def accounts(self) -> set[str]:
        """Who has a job that waits or runs."""
        waiting = (account for account, _ in self._lines)
        return {*waiting, *(entry.job.account for entry in self.running.values())}

    def standing(self, account: str) -> float:
        """What an account had, and what its running jobs will have had."""
        running = [entry.job for entry in self.running.values() if entry.job.account == account]
        return self._meters.had(account) + sum(map(self._meters.left, running))

    def place(self, workers: Iterable[int]) -> list[Placement]:
        """Give waiting jobs to these workers, until the next one fits into none of them."""
        residents = {worker: self.residents(worker) for worker in workers}
        placed: list[Placement] = []
        while residents and (job := self._next(residents)) is not None:
            able = [worker for worker, there in residents.items() if fits(job, there)]
            if not able:
                self._held = self._held if job.live else job.number
                break
            worker = min(able, key=lambda one: len(residents[one]))
            self._take(job)
            residents[worker].append(job)
            placed.append(Placement(job, worker))
            self.running[job.number] = placed[-1]
        return placed

    def _next(self, residents: dict[int, list[Job]]) -> Job | None:
        """The job whose turn it is: the oldest of the account with the best standing."""
        live = [line[0] for (_, is_live), line in self._lines.items() if is_live]
        heads = [line[0] for (_, is_live), line in self._lines.items() if not is_live]
        able = live if live and (not heads or self._may_pass(residents)) else heads
        return min(able, key=lambda job: (self.standing(job.account), job.number), default=None)

    def _may_pass(self, residents: dict[int, list[Job]]) -> bool:
        """Whether live previews come first; not when they alone keep somebody out."""
        there = [job for jobs in residents.values() for job in jobs]
        keeps_out = self._held is not None and there and all(job.live for job in there)
        return not keeps_out and self._meters.live_first()


def _order(job: Job) -> int:
    return job.number
