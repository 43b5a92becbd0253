"""Which jobs may be in one worker at the same time."""

from __future__ import annotations

from collections.abc import Collection

from bottega_protocol.images import MOST_PIXELS

from .job import Job

MOST_ROWS = 8
"""Rows of one forward: four pictures with guidance, as the engine's own limit has it."""

MOST_OF_ONE = MOST_ROWS // 2
"""Rows of a forward that one job has at most while others are there."""

MOST_RESIDENT = 4 * MOST_ROWS
"""Rows of all jobs in a worker: beyond one forward they take turns at every step."""

MOST_HELD = MOST_PIXELS + MOST_PIXELS // 4
"""Pixels of all jobs in a worker: the largest picture there is, and small ones beside it."""


def fits(job: Job, resident: Collection[Job]) -> bool:
    """Whether a job may join those that a worker has.

    Jobs of one model share forwards; two models side by side would fight for memory. They fill
    one forward. Beyond that an artist who has no job there may bring one, so that it begins at the
    next step and not behind somebody's whole picture; and so may live previews, a forward of them.
    A job of many variations counts for half a forward: the engine gives everybody his turn.
    """
    if not resident:
        return True
    if job.alone or any(other.alone or other.model != job.model for other in resident):
        return False
    if job.pixels + sum(other.pixels for other in resident) > MOST_HELD:
        return False
    peers = [other for other in resident if other.live == job.live]
    rows = rows_of([job, *peers])
    if job.live or rows <= MOST_ROWS:
        return rows <= MOST_ROWS
    return rows <= MOST_RESIDENT and job.account not in {other.account for other in peers}


def rows_of(jobs: Collection[Job]) -> int:
    """Rows of a forward that these jobs have, as they count."""
    return sum(min(job.rows, MOST_OF_ONE) for job in jobs)
