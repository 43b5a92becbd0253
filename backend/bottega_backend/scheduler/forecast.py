"""What waiting jobs may expect: the queue played forward with jobs of the expected length."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .job import Forecast, Job
from .turns import Turns

MOST_PLAYED = 400
"""Jobs of which it is told when they begin; those after them hear that so many are before them."""

ROUNDING = 1e-9


@dataclass(frozen=True)
class Known:
    """What a forecast is made from, in device seconds.

    `had` by account, `lengths` of waiting and `left` of running jobs by number; `stretch` is how
    many seconds pass while the devices are busy for one.
    """

    had: Mapping[str, float]
    lengths: Mapping[int, float]
    left: Mapping[int, float]
    stretch: float = 1.0


class _Play:
    """The meters of a queue that is played forward."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._had = dict(known.had)
        self._left = dict(known.left)
        self.clock = 0.0

    def had(self, account: str) -> float:
        return self._had.get(account, 0.0)

    def left(self, job: Job) -> float:
        return self._left.setdefault(job.number, self._known.lengths.get(job.number, 0.0))

    def live_first(self) -> bool:
        return True

    def work(self, turns: Turns) -> None:
        """Up to the next end; who shares a worker shares its time."""
        workers = {entry.worker for entry in turns.running.values()}
        crowds = {worker: len(turns.residents(worker)) for worker in workers}
        needs = {
            number: self.left(entry.job) * crowds[entry.worker]
            for number, entry in turns.running.items()
        }
        passed = min(needs.values())
        self.clock += passed * self._known.stretch
        for number, entry in list(turns.running.items()):
            account, seconds = entry.job.account, passed / crowds[entry.worker]
            self._left[number] -= seconds
            self._had[account] = self.had(account) + seconds
            if self._left[number] <= ROUNDING:
                del turns.running[number]


def forecast(turns: Turns, known: Known, workers: tuple[int, ...]) -> dict[int, Forecast]:
    """By number of a waiting job: how many come before it, and in how many seconds it begins."""
    play = _Play(known)
    ahead = turns.copy(play)
    told: dict[int, Forecast] = {}
    before = len(turns.running)
    while ahead.crowded and len(told) < MOST_PLAYED:
        for entry in ahead.place(workers):
            told[entry.job.number] = Forecast(before + len(told), play.clock)
        if ahead.crowded:
            play.work(ahead)
    told.update((job.number, Forecast(before + MOST_PLAYED, None)) for job in ahead.waiting())
    return told
