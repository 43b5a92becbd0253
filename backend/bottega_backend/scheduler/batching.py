"""Which jobs may be in one worker at the same time."""

from __future__ import annotations

from collections.abc import Collection

from .job import Job

MOST_ROWS = 8
"""Rows of one forward: four pictures with guidance, as the engine's own limit has it."""

MOST_OF_ONE = MOST_ROWS // 2
"""Rows of a forward that one job has at most while others are there."""


def fits(job: Job, resident: Collection[Job]) -> bool:
    """Whether a job may join those that a worker has.

    Jobs of one model share forwards; two models side by side would fight for memory. A job of
    many variations fills half the forward at most: the engine gives everybody his turn, so that
    who comes later joins at the next step.
    """
    if not resident:
        return True
    if job.alone or any(other.alone or other.model != job.model for other in resident):
        return False
    return sum(min(one.rows, MOST_OF_ONE) for one in (job, *resident)) <= MOST_ROWS
