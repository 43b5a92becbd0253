"""An unfinished job as the server holds it in memory."""

from __future__ import annotations

from dataclasses import dataclass

from bottega_backend.store.journal import KeptJob
from bottega_protocol.errors import BottegaError
from bottega_protocol.messages import Failed, Progress

LIMBO = -1
"""The worker of a job that has left its worker while that is written down."""


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

    @property
    def number(self) -> int:
        """Its place in the order of acceptance."""
        return self.kept.number

    @property
    def id(self) -> bytes:
        """The id that its owner gave it."""
        return self.kept.submit.job

    @property
    def ticket(self) -> bytes:
        """The id by which workers know it: two accounts may have chosen the same."""
        return self.number.to_bytes(16, "big")

    def failed(self, error: BottegaError) -> Failed:
        """The answer that carries an error."""
        return Failed(self.id, error.code, error.message[:2000], error.remedy[:2000])
