"""What the scheduler knows of a job, of a worker, and of who runs where."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Job:
    """One admitted job. `number` is its place in the order of acceptance, unique for ever.

    `model` is what it needs loaded; `alone` jobs share a worker with nobody (they were in a forward
    that a worker died of); `rows` is how many rows of a forward each of its steps has, all
    variations together; `pixels` is what it holds in memory; `live` is a preview of what its
    artist does just now; `work` is in any unit, the same for all jobs of one `kind`.
    """

    number: int
    account: str
    model: str
    alone: bool = False
    rows: int = 2
    pixels: int = 0
    live: bool = False
    work: float = 1.0
    kind: str = ""


@dataclass(frozen=True)
class Placement:
    """A job goes to this worker."""

    job: Job
    worker: int


@dataclass(frozen=True)
class Forecast:
    """What a waiting job may expect: jobs that run or come before it, and seconds until it begins.

    `wait` is None where no job was measured yet.
    """

    ahead: int
    wait: float | None
