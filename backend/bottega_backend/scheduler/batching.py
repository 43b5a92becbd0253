"""Which jobs may be in one worker at the same time."""

from __future__ import annotations

from collections.abc import Collection

from .job import Job

MOST_RESIDENT = 4
"""Jobs in one worker at a time: each holds latents and a Python stack there."""


def fits(job: Job, resident: Collection[Job]) -> bool:
    """Whether a job may join those that a worker has.

    Jobs of one model share forwards; two models side by side would fight for memory.
    """
    if not resident:
        return True
    if len(resident) >= MOST_RESIDENT or job.alone:
        return False
    return all(other.model == job.model and not other.alone for other in resident)
