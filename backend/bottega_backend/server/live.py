"""An unfinished job as the server holds it in memory."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bottega_backend.store.journal import KeptJob
from bottega_protocol.errors import BottegaError
from bottega_protocol.messages import Failed, Progress, Queued

LIMBO = -1
"""The worker of a job that has left its worker while that is written down."""


NEWS_SECONDS = 1.0
NEWS_SHARE = 0.1
"""A waiting time is told again when it is off by more than either."""


@dataclass(frozen=True)
class Told:
    """What followers of a waiting job heard of its place, and when, on the monotonic clock."""

    queued: Queued
    at: float

    def is_news(self, queued: Queued, now: float) -> bool:
        """Whether this differs by more than the time that passed."""
        before, after = self.queued.wait, queued.wait
        if queued.ahead != self.queued.ahead or before is None or after is None:
            return replace(queued, wait=None) != replace(self.queued, wait=None) or before != after
        expected = max(0.0, before - (now - self.at))
        return abs(after - expected) > max(NEWS_SECONDS, NEWS_SHARE * expected)


@dataclass(eq=False)
class LiveJob:
    """An unfinished job. `worker` is None while it waits; `begun` is on the monotonic clock."""

    kept: KeptJob
    attempt: int
    strikes: int
    worker: int | None = None
    begun: float = 0.0
    queued: float = 0.0
    progress: Progress | None = None
    stopping: bool = False
    weight: float = 1.0
    told: Told | None = None
    put_off: int = 0

    @property
    def number(self) -> int:
        """Its place in the order of acceptance."""
        return self.kept.number

    @property
    def id(self) -> bytes:
        """The id that its owner gave it."""
        return self.kept.submit.job

    @property
    def about(self) -> dict[str, int | str]:
        """What a line of the log says of it beside its words."""
        return {"job": self.number, "id": self.id.hex()}

    @property
    def ticket(self) -> bytes:
        """The id by which workers know it: two accounts may have chosen the same."""
        return self.number.to_bytes(16, "big")

    def failed(self, error: BottegaError) -> Failed:
        """The answer that carries an error."""
        return Failed(self.id, error.code, error.message[:2000], error.remedy[:2000])
