"""The store's own clock: what it keeps must not go because somebody set the computer's.

It goes on from where it stood when the server last ran, and ticks with the machine, not with the
wall clock. Only the time in which no server ran is taken from the wall clock, and of that no more
than half a day: whether a month went by or the clock was set forward can't be told, and what is
kept a little longer than promised harms nobody.
"""

from __future__ import annotations

import time
from collections.abc import Callable

MOST_OFF = 43_200.0
"""Seconds that count at most between two servers: less than anything is kept."""


def ticks() -> float:
    """Seconds of a clock that nobody can set, and that goes on while the machine sleeps."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


class Clock:
    """`kept` is what it showed when it was last written down; None where there is none yet."""

    def __init__(
        self,
        kept: float | None = None,
        wall: Callable[[], float] = time.time,
        tick: Callable[[], float] = ticks,
    ) -> None:
        now = wall()
        self._base = now if kept is None else min(max(now, kept), kept + MOST_OFF)
        self._tick = tick
        self._began = tick()

    def now(self) -> float:
        """Seconds since 1970, or near it; never less than before."""
        return self._base + self._tick() - self._began
