"""What is written down of running jobs: attempts, results, ends; however long the disk refuses."""

from __future__ import annotations

import asyncio
import logging
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import chain, repeat
from pathlib import Path
from typing import ParamSpec, TypeVar

from bottega_backend.errors import StoreFailed
from bottega_backend.scheduler.usage import faded
from bottega_backend.store.journal import Answer
from bottega_backend.store.thread import Store
from bottega_backend.workers.interface import BlobFile, Done, Start
from bottega_protocol.codec import encode_message
from bottega_protocol.errors import BottegaError
from bottega_protocol.messages import SERVER_MESSAGES, Failed, Finished
from bottega_protocol.version import VERSIONS

from . import metrics
from .harvest import harvest
from .live import LiveJob

P = ParamSpec("P")
T = TypeVar("T")

MOST_PUT_OFF = 60.0
"""Seconds at most before a job is painted again whose result the disk did not take."""

LOOK_SECONDS = 3.0
"""Between two looks whether the disk has room again."""

STOP_SECONDS = 0.5
"""Between two looks whether a job that waits for room is still wanted."""

log = logging.getLogger(__name__)


class Ledger:
    """The journal, and the folders into which workers write."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def begin(self, live: LiveJob) -> Start:
        """Another attempt: write it down, make its folder; gives the command for the worker."""
        store, submit = self._store, live.kept.submit
        live.attempt = await self.insist(store.journal.begin, live.number)
        folder = self._folder(live)
        await self.insist(folder.mkdir, parents=True, exist_ok=True)
        hashes = dict.fromkeys(image.sha256 for image in submit.request.images())
        inputs = tuple(
            BlobFile(sha256, str(store.blobs.path(live.kept.account, sha256))) for sha256 in hashes
        )
        return Start(live.ticket, live.attempt, submit.request, inputs, str(folder))

    async def requeue(self, live: LiveJob) -> None:
        """The attempt is over without an end."""
        await self.insist(self._store.journal.requeue, live.number, live.strikes)
        await self._sweep(live)

    async def room(self, live: LiveJob) -> None:
        """Wait until the disk may have the room that accepted jobs were promised; longer each time.

        Other programs may have taken it: until they give it back nothing can be painted. Ends
        early for a job that is to be stopped.
        """
        live.put_off += 1
        until = time.monotonic() + min(2.0**live.put_off, MOST_PUT_OFF)
        while not live.stopping and time.monotonic() < until:  # noqa: ASYNC110  # looks are cheap
            await asyncio.sleep(STOP_SECONDS)
        if live.stopping:
            return
        log.error("no room on the disk for the result of job %s", live.number, extra=live.about)
        while not live.stopping and await self.insist(self._store.room, 1) < 1:  # noqa: ASYNC110  # nobody tells of room
            await asyncio.sleep(LOOK_SECONDS)

    async def keep(self, live: LiveJob, done: Done) -> Answer:
        """Take a result into the owner's store; gives the answer, a failure where it is wrong."""
        blobs = self._store.blobs
        try:
            await self.insist(harvest, blobs, live.kept.account, done, self._folder(live))
            answer = Finished(live.id, done.result, replace(done.timings, queue=live.queued))
            encode_message(answer, SERVER_MESSAGES, VERSIONS[-1])  # TooLarge now or never
        except BottegaError as error:
            log.warning(
                "the result of job %s can't be kept: %s", live.number, error, extra=live.about
            )
            return live.failed(error)
        return answer

    async def end(self, live: LiveJob, answer: Answer) -> None:
        """Write the terminal record."""
        if not await self.insist(self._store.journal.end, live.number, live.attempt, answer):
            log.warning("job %s had ended already", live.number, extra=live.about)
        await self._sweep(live)
        metrics.ENDED.labels(type(answer).__name__.lower()).inc()
        how = type(answer).__name__.lower()
        why = {"code": answer.code} if isinstance(answer, Failed) else {}
        log.info("job %s %s", live.number, how, extra={**live.about, **why})

    async def had(self) -> dict[str, float]:
        """Device seconds that each account had lately, as they count now."""
        journal = self._store.journal
        kept = await self._store.call(journal.usage)
        now = journal.clock()
        return {account: seconds * faded(now - at) for account, (seconds, at) in kept.items()}

    async def keep_usage(self, had: dict[str, float]) -> None:
        """Write down what each account had; not for ever where the disk refuses: it comes again."""
        try:
            await self._store.call(self._store.journal.keep_usage, had)
        except StoreFailed as error:
            log.warning("device time was not written down: %s", error)

    def _folder(self, live: LiveJob) -> Path:
        return self._store.work / f"{live.number}-{live.attempt}"

    async def _sweep(self, live: LiveJob) -> None:
        """What a worker has written for an attempt that is over."""
        await self._store.call(shutil.rmtree, self._folder(live), ignore_errors=True)

    async def insist(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do it, however long the disk refuses: an accepted job is never dropped."""
        for wait in chain((0.5, 1.0, 2.0, 5.0, 10.0), repeat(30.0)):
            try:
                return await self._store.call(work, *args, **kwargs)
            except StoreFailed as error:  # noqa: PERF203  # a loop of retries is made for this
                log.error("%s %s", error.message, error.remedy)  # noqa: TRY400  # no traceback
                await asyncio.sleep(wait)
        raise AssertionError
