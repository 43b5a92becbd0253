"""What the scheduler knows of a job, of a worker, and of who runs where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Job:
    """One admitted job. `number` is its place in the order of acceptance, unique for ever.

    `model` is what it needs loaded; `alone` jobs share a worker with nobody (they were in a worker
    that died); `rows` is how many rows of a forward each of its steps has, all variations together.
    """

    number: int
    account: str
    model: str
    alone: bool = False
    rows: int = 2


@dataclass(frozen=True)
class Placement:
    """A job goes to this worker, with this share of the device among those that run there."""

    job: Job
    worker: int
    weight: float = 1.0
