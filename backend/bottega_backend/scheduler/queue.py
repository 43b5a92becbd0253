"""Which job runs next: first come, first served."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from .batching import fits
from .job import Job, Placement


class Queue(Protocol):
    """Every accepted job that has not ended, waiting or running. Pure: no clock, no IO."""

    def admit(self, job: Job) -> None:
        """A new job, or one that has to run again: it keeps its place in the order."""
        ...

    def withdraw(self, number: int) -> bool:
        """Take a waiting job out; False where it does not wait."""
        ...

    def place(self, workers: Iterable[int]) -> list[Placement]:
        """Give waiting jobs to these workers, which can take some now."""
        ...

    def returned(self, number: int, *, alone: bool) -> None:
        """A running job's worker is gone: it waits again, at its old place."""
        ...

    def finished(self, number: int, seconds: float | None) -> None:
        """A running job has ended; `seconds` on the worker, where that tells something."""
        ...

    def ahead(self, number: int | None = None) -> int:
        """How many unfinished jobs come before this one, or before one that comes now."""
        ...

    def wait(self, number: int | None = None) -> float | None:
        """Seconds until it starts, as far as measured durations tell."""
        ...


RECENT = 0.2
"""The weight of the newest duration in the running mean."""


class FirstComeQueue:
    """In the order of acceptance. The first that fits nowhere holds up those behind it."""

    def __init__(self, workers: int = 1) -> None:
        self._waiting: list[Job] = []
        self._running: dict[int, Placement] = {}
        self._workers = workers
        self._service: float | None = None

    @property
    def waiting(self) -> tuple[Job, ...]:
        """Who waits, in order."""
        return tuple(self._waiting)

    def admit(self, job: Job) -> None:
        insort(self._waiting, job, key=_order)

    def withdraw(self, number: int) -> bool:
        before = len(self._waiting)
        self._waiting = [job for job in self._waiting if job.number != number]
        return len(self._waiting) < before

    def place(self, workers: Iterable[int]) -> list[Placement]:
        open_workers = list(workers)
        placed: list[Placement] = []
        while self._waiting:
            worker = self._worker_for(self._waiting[0], open_workers)
            if worker is None:
                break
            placement = Placement(self._waiting.pop(0), worker)
            self._running[placement.job.number] = placement
            placed.append(placement)
        return placed

    def _worker_for(self, job: Job, workers: list[int]) -> int | None:
        """The emptiest worker that can take a job, or nobody."""
        residents = {worker: self._resident(worker) for worker in workers}
        able = [worker for worker in workers if fits(job, residents[worker])]
        return min(able, key=lambda worker: len(residents[worker]), default=None)

    def _resident(self, worker: int) -> list[Job]:
        return [entry.job for entry in self._running.values() if entry.worker == worker]

    def returned(self, number: int, *, alone: bool) -> None:
        job = self._running.pop(number).job
        self.admit(replace(job, alone=job.alone or alone))

    def finished(self, number: int, seconds: float | None) -> None:
        placement = self._running.pop(number)
        if seconds is None:
            return
        # Jobs in one worker share it: what one costs the queue is its share of the time.
        share = seconds / (1 + len(self._resident(placement.worker)))
        self._service = (
            share if self._service is None else self._service + RECENT * (share - self._service)
        )

    def ahead(self, number: int | None = None) -> int:
        before = sum(number is None or job.number < number for job in self._waiting)
        return before + len(self._running)

    def wait(self, number: int | None = None) -> float | None:
        if self._service is None:
            return None
        return self.ahead(number) * self._service / self._workers


def _order(job: Job) -> int:
    return job.number
