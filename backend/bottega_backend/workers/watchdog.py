"""How long a worker may be silent before it counts as hung."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from .interface import Advanced, Command, Start

LOADING_SECONDS = 900.0
"""The patience with an advance that hands over a job: it may read gigabytes from a slow disk."""

STARTING_SECONDS = 300.0
"""The patience with a new process: importing torch from a cold disk takes a while."""

LEAST_SECONDS = 5.0
"""No worker is ended sooner, whatever it said: the machine may have been asleep or swapping."""

TICK = 0.25
"""Seconds between two looks at whether this process was asleep itself."""


class Watchdog:
    """Keeps what a worker said of its next advance. Bounds are in seconds."""

    def __init__(self, loading: float = LOADING_SECONDS, least: float = LEAST_SECONDS) -> None:
        self._loading = loading
        self._least = least
        self._patience = loading

    def limit(self, commands: tuple[Command, ...], budget_ms: int) -> float:
        """Seconds that the advance with these commands may take."""
        starts = any(isinstance(command, Start) for command in commands)
        patience = max(self._patience, self._loading) if starts else self._patience
        return max(patience, self._least) + budget_ms / 1000

    def heard(self, advanced: Advanced) -> None:
        """The worker answered, and said how long the next advance may take."""
        self._patience = advanced.patience


@asynccontextmanager
async def awake(seconds: float) -> AsyncIterator[None]:
    """As asyncio.timeout, of the seconds for which this process was awake.

    A machine that slept, or a server that was stopped, must not blame its worker for that time.
    """
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(seconds) as limit:

        def tick(due: float) -> None:
            late = loop.time() - due
            when = limit.when()
            if late > TICK and when is not None and not limit.expired():
                limit.reschedule(when + late)
            ticks[0] = loop.call_later(TICK, tick, loop.time() + TICK)

        ticks = [loop.call_later(TICK, tick, loop.time() + TICK)]
        try:
            yield
        finally:
            ticks[0].cancel()
