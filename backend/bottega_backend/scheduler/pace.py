"""How long jobs take: measured on those before, told of those to come."""

from __future__ import annotations

from collections import defaultdict, deque
from statistics import median

from .job import Job

KEPT = 24
"""Measured jobs of a kind that count."""

EVERYTHING = ""


class Pace:
    """Device seconds for a unit of work, by kind; of a kind that was never seen, by all."""

    def __init__(self) -> None:
        self._rates: defaultdict[str, deque[float]] = defaultdict(lambda: deque(maxlen=KEPT))

    def took(self, job: Job, seconds: float) -> None:
        """A job has ended well, after so many seconds of device time."""
        for kind in {job.kind, EVERYTHING}:
            self._rates[kind].append(seconds / max(job.work, 1e-9))

    def expects(self, job: Job) -> float | None:
        """Device seconds that a job will take, where anything was measured."""
        rates = self._rates.get(job.kind) or self._rates.get(EVERYTHING)
        return median(rates) * job.work if rates else None
