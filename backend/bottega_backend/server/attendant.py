"""Keeps one worker alive and busy: starts it, hands jobs over, takes what happened."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable

from bottega_backend.errors import WorkerDied
from bottega_backend.workers.interface import Worker

from . import metrics
from .stage import Stage

SLICE_MS = 75
"""How long a worker works before it says what happened and hears of cancels and new jobs."""

IDLE_SECONDS = 10.0
"""How often a worker that has nothing to do is asked whether it still lives."""

MOST_FAILED_STARTS = 3
BACKOFF_SECONDS = (0.0, 0.5, 2.0, 5.0)

log = logging.getLogger(__name__)


class Attendant:
    """Attends the worker with this index for as long as `run` is not cancelled."""

    def __init__(self, index: int, make: Callable[[], Worker], stage: Stage) -> None:
        self._index = index
        self._make = make
        self._stage = stage
        self._bell = stage.bell()
        self._failed_starts = 0

    async def run(self) -> None:
        """Start a worker, serve it until it dies, start the next."""
        while True:
            worker = self._make()
            try:
                await self._attend(worker)
            except WorkerDied as error:
                log.warning(
                    "worker %s: %s", self._index, error.message, extra={"worker": self._index}
                )
                metrics.WORKER_DEATHS.inc()
                self._stage.worker_died(self._index, error)
            finally:
                await worker.close()
            await self._hold_off()

    async def _attend(self, worker: Worker) -> None:
        self._failed_starts += 1
        ready = await worker.start()
        self._failed_starts = 0
        log.info(
            "worker %s is ready on %s",
            self._index,
            ready.device,
            extra={"worker": self._index},
        )
        with metrics.WORKERS.track_inprogress():
            await self._serve(worker)

    async def _serve(self, worker: Worker) -> None:
        busy = False
        while True:
            self._bell.clear()
            began = time.monotonic()
            commands = await self._stage.commands(self._index)
            if commands or busy:
                advanced = await worker.advance(commands, SLICE_MS)
                self._stage.worked(time.monotonic() - began, advanced.spent)
                self._stage.heard(self._index, advanced.events)
                busy = advanced.busy
                if not busy and self._stage.residents(self._index):
                    raise WorkerDied("The worker has forgotten a job.")
            else:
                await self._rest(worker)

    async def _rest(self, worker: Worker) -> None:
        """Wait for something to do; then see that the worker still lives before it gets it."""
        try:
            await asyncio.wait_for(self._bell.wait(), IDLE_SECONDS)
        except TimeoutError:
            log.debug("worker %s has nothing to do", self._index)
        await worker.advance((), 0)

    async def _hold_off(self) -> None:
        """After failed starts: wait; after several say so to whoever waits for a worker."""
        if self._failed_starts >= MOST_FAILED_STARTS:
            remedy = "Run `bottega doctor`; the server's worker.log says more."
            self._stage.give_up(WorkerDied("The server's worker does not start.", remedy))
            self._bell.clear()
            await self._bell.wait()
        await asyncio.sleep(BACKOFF_SECONDS[min(self._failed_starts, len(BACKOFF_SECONDS) - 1)])
