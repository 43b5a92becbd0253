"""Every unfinished job: who waits, who runs, and what is done with what workers say of them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from bottega_backend.errors import WorkerDied
from bottega_backend.offers.effort import effort
from bottega_backend.offers.table import admit
from bottega_backend.scheduler.job import Forecast, Job
from bottega_backend.scheduler.queue import Queue
from bottega_backend.shelf.catalog import Catalog, Model
from bottega_backend.store.journal import Answer, KeptJob
from bottega_backend.store.thread import Store
from bottega_backend.workers import interface as worker
from bottega_protocol.errors import BottegaError, Refusal
from bottega_protocol.messages import Cancelled, Failed, Preview, Progress, Queued
from bottega_protocol.requests import capability_of
from bottega_protocol.schema import Record

from . import metrics
from .audience import Audience
from .ledger import Ledger
from .live import LIMBO, LiveJob, Told

MOST_STRIKES = 2
"""Workers that a job may have been in when they died, before it is given up."""

TELL_SECONDS = 1.0
"""How often those who wait hear of their place while nobody comes or goes, where it changes."""

KEEP_SECONDS = 10.0
"""How often it is written down who had the devices, while they work."""

AFTER_ALL = 2**63
"""The number of a job that nobody sent yet."""

log = logging.getLogger(__name__)


class Stage:
    """Moves jobs from acceptance to their terminal record, and tells their owners."""

    def __init__(self, store: Store, catalog: Catalog, queue: Queue, audience: Audience) -> None:
        self._store = store
        self._ledger = Ledger(store)
        self._catalog = catalog
        self._queue = queue
        self._audience = audience
        self._live: dict[int, LiveJob] = {}
        self._stops: set[int] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._bells: list[asyncio.Event] = []
        self._told_at = self._kept_at = 0.0
        self.held = False

    # --- for connections ---------------------------------------------------------------------

    def find(self, number: int) -> LiveJob | None:
        """An unfinished job."""
        return self._live.get(number)

    def count(self, account: str) -> int:
        """How many unfinished jobs an account has."""
        return sum(live.kept.account == account for live in self._live.values())

    def counts(self) -> dict[str, int]:
        """How many unfinished jobs wait and how many are in a worker, of all accounts."""
        waiting = sum(live.worker is None for live in self._live.values())
        return {"waiting": waiting, "running": len(self._live) - waiting}

    def hold(self) -> None:
        """From here on no job is started; those that run go on, accepted ones stay."""
        self.held = True

    def accounts(self) -> set[str]:
        """Whoever has unfinished jobs."""
        return {live.kept.account for live in self._live.values()}

    def withdraw(self, account: str) -> None:
        """Stop every job of an account."""
        for live in [live for live in self._live.values() if live.kept.account == account]:
            self.cancel(live)

    def admit(self, kept: KeptJob) -> LiveJob:
        """Take an accepted job; once is enough."""
        if kept.number not in self._live:
            live = LiveJob(kept, kept.attempt, kept.strikes)
            self._queue.admit(_cast(kept, admit(kept.submit.request, self._catalog)))
            self._live[live.number] = live
            self.ring()
        return self._live[kept.number]

    def standing(self, live: LiveJob) -> Queued | Progress:
        """Where a job is now."""
        if live.worker is None:
            place = self._queue.standing(live.number)
            return Queued(live.id, place.ahead, place.wait)
        return live.progress or Progress(live.id, "loading")

    def expects(self, account: str, model: str) -> Forecast:
        """What a job of this account could expect that came now."""
        return self._queue.expects(Job(AFTER_ALL, account, model))

    def supersede(self, account: str, document: str) -> None:
        """A newer live preview of this document has come: those that wait are not wanted."""
        for live in list(self._live.values()):
            submit = live.kept.submit
            mine = live.kept.account == account and submit.document == document
            if mine and submit.live and live.worker is None:
                self.cancel(live)

    def cancel(self, live: LiveJob) -> None:
        """Stop a job, wherever it is; its followers hear when it has stopped."""
        if live.stopping:
            return
        live.stopping = True
        if self._queue.withdraw(live.number):
            self.background(self._end(live, Cancelled(live.id)))
            self._tell_waiting()
        else:
            self._stops.add(live.number)
            self.ring()

    def background(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Do something that goes on when whoever asked for it is gone."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._over)
        return task

    def _over(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        # Refusals go to whoever asked; anything else is a mistake of ours.
        if error is not None and not isinstance(error, BottegaError):
            log.error("a job's bookkeeping failed", exc_info=error)

    # --- for those who attend workers --------------------------------------------------------

    def bell(self) -> asyncio.Event:
        """An event that is set whenever there may be something to do."""
        bell = asyncio.Event()
        self._bells.append(bell)
        return bell

    def ring(self) -> None:
        """There may be something to do."""
        for bell in self._bells:
            bell.set()

    async def recover(self) -> None:
        """Take up what an earlier server of this data folder had not finished, and who had what."""
        for account, seconds in (await self._ledger.had()).items():
            self._queue.charge(account, seconds)
        for kept in await self._store.call(self._store.journal.recover):
            self._take_up(kept)

    def _take_up(self, kept: KeptJob) -> None:
        try:
            self.admit(kept)
        except Refusal as error:  # its model, say, is not there any more
            live = LiveJob(kept, kept.attempt, kept.strikes)
            self.background(self._end(live, live.failed(error)))

    async def commands(self, index: int) -> tuple[worker.Command, ...]:
        """What a worker has to be told now: jobs to start, jobs to stop."""
        entries = [] if self.held else self._queue.place([index])
        placed = [self._live[entry.job.number] for entry in entries]
        for live in placed:
            live.worker = index
        weights = self._weights(index, placed)
        starts = [await self._begin(live) for live in placed]
        stops = [self._live[number] for number in self._stops if number in self._live]
        mine = [live for live in stops if live.worker == index]
        self._stops -= {live.number for live in mine}
        if placed:
            self._tell_waiting()
        return (*starts, *weights, *(worker.Stop(live.ticket) for live in mine))

    def _weights(self, index: int, new: list[LiveJob]) -> list[worker.Weigh]:
        """Who has another share now that others came or went; new ones bring theirs with them."""
        changed = []
        for number, weight in self._queue.weights(index).items():
            live = self._live[number]
            if live.weight != weight and live not in new:
                changed.append(worker.Weigh(live.ticket, weight))
            live.weight = weight
        return changed

    async def _begin(self, live: LiveJob) -> worker.Start:
        start = await self._ledger.begin(live)
        live.begun = time.monotonic()
        live.queued = max(0.0, time.time() - live.kept.submitted)
        metrics.WAITED.observe(live.queued)
        live.progress = None
        self._audience.tell(live.number, self.standing(live))
        return replace(start, weight=live.weight, live=live.kept.submit.live)

    def worked(self, seconds: float, spent: tuple[worker.Spent, ...]) -> None:
        """A worker was busy for so long; which jobs had the device of that."""
        pieces = {int.from_bytes(one.job, "big"): one.seconds for one in spent}
        self._queue.worked(seconds, pieces)
        now = time.monotonic()
        if now - self._told_at > TELL_SECONDS:
            self._tell_waiting()
        if now - self._kept_at > KEEP_SECONDS:
            self._kept_at = now
            self.background(self._ledger.keep_usage(self._queue.everybody()))

    def heard(self, index: int, events: tuple[worker.Event, ...]) -> None:
        """What a worker said of its jobs."""
        for event in events:
            live = self._live.get(int.from_bytes(event.job, "big"))
            attempt = getattr(event, "attempt", live.attempt if live else 0)
            if live is None or live.worker != index or attempt != live.attempt:
                log.warning("dropped a late %s of a worker", type(event).__name__)
            else:
                ON_EVENT[type(event)](self, live, event)

    def residents(self, index: int) -> list[LiveJob]:
        """The jobs that are in a worker."""
        return [live for live in self._live.values() if live.worker == index]

    def worker_died(self, index: int, error: WorkerDied) -> None:
        """A strike for every job that it was at work for; the second one ends a job.

        The others just begin again. Where nobody knows, every job in it was.
        """
        suspects = None if error.jobs is None else set(error.jobs)
        for live in self.residents(index):
            struck = suspects is None or live.ticket in suspects
            live.strikes += struck
            if live.stopping:
                self._leave(live, Cancelled(live.id))
            elif struck and live.strikes >= MOST_STRIKES:
                remedy = "Try it with other settings; the server's worker.log says more."
                self._leave(live, Failed(live.id, error.code, error.message, remedy))
            else:
                live.worker = LIMBO
                self.background(self._return(live))

    def give_up(self, error: BottegaError) -> None:
        """No worker can be started: whoever waits is told so."""
        for live in [live for live in self._live.values() if live.worker is None]:
            if self._queue.withdraw(live.number):
                self.background(self._end(live, live.failed(error)))

    async def close(self) -> None:
        """Let what is being written be written, and who had the devices."""
        self.background(self._ledger.keep_usage(self._queue.everybody()))
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=10)
        for task in list(self._tasks):
            task.cancel()

    # --- what workers say --------------------------------------------------------------------

    def _progress(self, live: LiveJob, event: Progress) -> None:
        live.progress = replace(event, job=live.id)
        self._audience.tell(live.number, live.progress)

    def _preview(self, live: LiveJob, event: Preview) -> None:
        if self._audience.followed(live.number):
            self._audience.tell(live.number, replace(event, job=live.id))

    def _done(self, live: LiveJob, event: worker.Done) -> None:
        metrics.PAINTED.observe(time.monotonic() - live.begun)
        self._free(live, well=True)
        self.background(self._keep(live, event))

    def _broken(self, live: LiveJob, event: worker.Broken) -> None:
        if event.code == worker.NO_ROOM and not live.stopping:
            live.worker = LIMBO
            self.background(self._put_off(live))
            return
        self._leave(live, Failed(live.id, event.code, event.message, event.remedy))

    def _ended(self, live: LiveJob, event: worker.Ended) -> None:  # noqa: ARG002  # the table's shape
        self._leave(live, Cancelled(live.id))

    # --- endings -----------------------------------------------------------------------------

    def _leave(self, live: LiveJob, answer: Answer) -> None:
        """A job leaves its worker without a result."""
        self._free(live, well=False)
        self.background(self._end(live, answer))

    def _free(self, live: LiveJob, *, well: bool) -> None:
        live.worker = LIMBO
        self._queue.finished(live.number, well=well)
        self._stops.discard(live.number)
        self._tell_waiting()
        self.ring()

    async def _keep(self, live: LiveJob, done: worker.Done) -> None:
        await self._end(live, await self._ledger.keep(live, done))

    async def _end(self, live: LiveJob, answer: Answer) -> None:
        """The terminal record first, then the word."""
        await self._ledger.end(live, answer)
        self._live.pop(live.number, None)
        self._audience.close(live.number, answer)

    async def _put_off(self, live: LiveJob) -> None:
        """The disk was full: it is painted once more when there is room."""
        await self._ledger.room(live)
        await self._return(live)

    async def _return(self, live: LiveJob) -> None:
        """Back to the queue."""
        await self._ledger.requeue(live)
        if live.stopping:
            self._leave(live, Cancelled(live.id))
            return
        # Its place is news, though it be the old one: it was told that it runs.
        live.worker = live.progress = live.told = None
        self._queue.returned(live.number, alone=live.strikes > 0)
        self._tell_waiting()
        self.ring()

    def _tell_waiting(self) -> None:
        """Tell followers of waiting jobs where that is news."""
        self._told_at = now = time.monotonic()
        for live in self._live.values():
            waits = live.worker is None and not live.stopping
            if waits and self._audience.followed(live.number):
                place = self._queue.standing(live.number)
                queued = Queued(live.id, place.ahead, place.wait)
                if live.told is None or live.told.is_news(queued, now):
                    live.told = Told(queued, now)
                    self._audience.tell(live.number, queued)


def _cast(kept: KeptJob, model: Model) -> Job:
    """A job as the scheduler sees it."""
    submit = kept.submit
    needs = effort(submit.request, model)
    return Job(
        kept.number,
        kept.account,
        model.id,
        alone=kept.strikes > 0,
        rows=needs.rows,
        pixels=needs.pixels,
        live=submit.live,
        work=needs.work,
        kind=f"{model.id} {capability_of(submit.request)}",
    )


ON_EVENT: dict[type[Record], Callable[[Stage, LiveJob, Any], None]] = {
    Progress: Stage._progress,  # noqa: SLF001  # the class's own table
    Preview: Stage._preview,  # noqa: SLF001
    worker.Done: Stage._done,  # noqa: SLF001
    worker.Broken: Stage._broken,  # noqa: SLF001
    worker.Ended: Stage._ended,  # noqa: SLF001
}
