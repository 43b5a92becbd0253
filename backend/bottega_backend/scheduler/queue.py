"""Which job runs next: of the artist who had the devices least lately, live previews before all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from math import exp
from typing import Protocol

from .forecast import Known, forecast
from .job import Forecast, Job, Placement
from .live_budget import LiveBudget
from .pace import Pace
from .turns import Turns
from .usage import Usage

NOMINAL = 1.0
"""Device seconds of a job before any was measured."""

LEAST_LEFT = 0.05
"""The share of its length that a running job still needs, however long it took already."""

STALE = 1.0
"""Seconds after which a forecast is made anew, though nobody came or went."""

BUSY_SECONDS = 30.0
"""Over how long it is measured how many seconds a worker is busy for each device second."""

NOWHERE = Forecast(0, None)
"""Of a job that does not wait: it was just withdrawn, say."""


class Queue(Protocol):
    """Every accepted job that has not ended, waiting or running. No IO; the clock is given."""

    def admit(self, job: Job) -> None:
        """A new job, or one that has to run again: it keeps its place among its owner's."""
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

    def worked(self, seconds: float, spent: Mapping[int, float]) -> None:
        """A worker was busy for `seconds`; device seconds of them by running job."""
        ...

    def finished(self, number: int, *, well: bool) -> None:
        """A running job has ended; what ended well tells how long its like will take."""
        ...

    def charge(self, account: str, seconds: float) -> None:
        """An account had the devices for so long, before this queue was made."""
        ...

    def everybody(self) -> dict[str, float]:
        """Device seconds that each account had lately."""
        ...

    def weights(self, worker: int) -> dict[int, float]:
        """Which share of a worker each of its jobs has: the artists' are equal."""
        ...

    def standing(self, number: int) -> Forecast:
        """What a waiting job may expect."""
        ...

    def expects(self, job: Job) -> Forecast:
        """What a job could expect that came now."""
        ...


class TurnsQueue:
    """Turns by device time. `now` is a clock in seconds that never goes back."""

    def __init__(self, now: Callable[[], float], workers: int = 1) -> None:
        self._now = now
        self._workers = tuple(range(workers))
        self._usage = Usage(now)
        self._live = LiveBudget()
        self._pace = Pace()
        self._turns = Turns(self)
        self._spent: dict[int, float] = {}
        self._busy = self._device = 0.0
        self._told: tuple[float, dict[int, Forecast]] | None = None
        self._asked: dict[Job, tuple[float, Forecast]] = {}

    # --- what the rule asks for --------------------------------------------------------------

    @property
    def waiting(self) -> tuple[Job, ...]:
        """Who waits, in the order of acceptance."""
        return tuple(sorted(self._turns.waiting(), key=lambda job: job.number))

    def had(self, account: str) -> float:
        """Device seconds that an account had lately."""
        return self._usage.of(account)

    def left(self, job: Job) -> float:
        """Device seconds that a running job will still need, about."""
        length = self._length(job)
        return max(length - self._spent.get(job.number, 0.0), LEAST_LEFT * length)

    def live_first(self) -> bool:
        """Whether live previews had less than their half of the last second."""
        return self._live.allows(self._now())

    def _length(self, job: Job) -> float:
        expected = self._pace.expects(job)
        return NOMINAL if expected is None else expected

    # --- jobs come and go --------------------------------------------------------------------

    def admit(self, job: Job) -> None:
        there = self._turns.accounts()
        if job.account not in there:
            self._usage.enter(job.account, there)
        self._turns.add(job)
        self._changed()

    def withdraw(self, number: int) -> bool:
        self._changed()
        return self._turns.remove(number)

    def place(self, workers: Iterable[int]) -> list[Placement]:
        placed = self._turns.place(workers)
        if placed:
            self._changed()
        return placed

    def returned(self, number: int, *, alone: bool) -> None:
        job = self._turns.running.pop(number).job
        self._spent.pop(number, None)
        self.admit(replace(job, alone=job.alone or alone))

    def worked(self, seconds: float, spent: Mapping[int, float]) -> None:
        device = 0.0
        for number, piece in spent.items():
            entry = self._turns.running.get(number)
            if entry is None:
                continue
            device += piece
            self._spent[number] = self._spent.get(number, 0.0) + piece
            self._usage.charge(entry.job.account, piece)
            if entry.job.live:
                self._live.spent(piece, self._now())
        kept = exp(-seconds / BUSY_SECONDS)
        self._busy = self._busy * kept + seconds
        self._device = self._device * kept + device

    def charge(self, account: str, seconds: float) -> None:
        self._usage.charge(account, seconds)

    def everybody(self) -> dict[str, float]:
        return self._usage.everybody()

    def finished(self, number: int, *, well: bool) -> None:
        job = self._turns.running.pop(number).job
        spent = self._spent.pop(number, None)
        if well and spent is not None:
            self._pace.took(job, spent)
        self._changed()

    def weights(self, worker: int) -> dict[int, float]:
        there = self._turns.residents(worker)
        owners = [job.account for job in there]
        return {job.number: 1.0 / owners.count(job.account) for job in there}

    # --- what waiting jobs are told ----------------------------------------------------------

    def standing(self, number: int) -> Forecast:
        now = self._now()
        if self._told is None or now - self._told[0] > STALE:
            self._told = now, self._forecast(self._turns)
        made, told = self._told
        return _later(told.get(number, NOWHERE), now - made)

    def expects(self, job: Job) -> Forecast:
        now = self._now()
        before = self._asked.get(job)
        # Played once a second for each: whoever asks all the time must not hold the others up.
        if before is None or now - before[0] > STALE:
            turns = self._turns.copy(self)
            turns.add(job)
            before = self._asked[job] = now, self._forecast(turns)[job.number]
        made, found = before
        return _later(found, now - made)

    def _changed(self) -> None:
        """Somebody came or went: what was told is so no more."""
        self._told = None
        self._asked.clear()

    def _forecast(self, turns: Turns) -> dict[int, Forecast]:
        waiting = turns.waiting()
        running = [entry.job for entry in turns.running.values()]
        known = Known(
            {account: self.had(account) for account in turns.accounts()},
            {job.number: self._length(job) for job in waiting},
            {job.number: self.left(job) for job in running},
            self._busy / self._device if self._device else 1.0,
        )
        told = forecast(turns, known, self._workers)
        if any(self._pace.expects(job) is not None for job in waiting):
            return told
        return {number: replace(one, wait=None) for number, one in told.items()}


def _later(told: Forecast, seconds: float) -> Forecast:
    """What is left of a forecast after so long."""
    return told if told.wait is None else replace(told, wait=max(0.0, told.wait - seconds))
