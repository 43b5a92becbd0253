"""A job that comes while others of its model run joins them at the next step."""

import asyncio
import time
from collections import Counter
from pathlib import Path

import pytest
from fakes.fills import Desk, box, picture, studio
from fakes.tiny import models_folder

from bottega_backend.scheduler.queue import TurnsQueue
from bottega_backend.server.attendant import Attendant
from bottega_backend.server.audience import Audience
from bottega_backend.server.stage import Stage
from bottega_backend.shelf.catalog import Catalog
from bottega_backend.store.thread import Store
from bottega_backend.workers.interface import Advance, Ready
from bottega_protocol.messages import Finished, Progress, Submit

STEPS = 12
JOINS = 5
"""The step of the first job that is done when the second artist submits."""


class HereStudio:
    """A Worker in this process, with a real engine, that works one unit at each advance."""

    def __init__(self, on_progress):
        self.forwards = []
        self._studio = studio(models_folder(), lambda *seen: self.forwards.append(seen))
        self._on_progress = on_progress

    async def start(self):
        return Ready("here", ())

    async def advance(self, commands, budget_ms):
        told = self._studio.advance(Advance(commands, min(budget_ms, 1)))
        for event in told.events:
            if isinstance(event, Progress):
                await self._on_progress(event)
        return told

    async def close(self):
        self._studio.close()


class House:
    """A store, a stage and a worker without sockets; artists by their account."""

    def __init__(self, folder, first, later):
        self.store = Store(folder / "data")
        queue = TurnsQueue(time.monotonic)
        self.stage = Stage(self.store, Catalog(models_folder()), queue, Audience())
        self.worker = HereStudio(self.progressed)
        self.desk = Desk(folder)
        self.first, self.later = first, later
        self.live = {}

    async def submit(self, account, width=64, name="", **asked):
        """Accept a job as an order of this artist's would be; `name` tells several apart."""
        usual = {"model": "tiny", "prompt": "a boat", "guidance": 4.0, "sampler": "Euler a"}
        asked = {**usual, **asked}
        mask = box(width, 64, slice(16, 40), slice(16, 40))
        request = self.desk.start(picture(width, 64), mask, **asked).request
        submit = Submit((name or account).encode().ljust(16), request)
        await self.store.call(self._store_blobs, account, request)
        kept = await self.store.call(self.store.journal.accept, account, submit, 1)
        self.live[name or account] = self.stage.admit(kept)

    def _store_blobs(self, account, request):
        for image in request.images():
            upload = self.store.blobs.begin(account, image.sha256)
            upload.add(Path(self.desk.blobs[image.sha256]).read_bytes())
            upload.finish()

    async def progressed(self, event):
        """The second artist comes in the middle of the first one's job."""
        if (event.phase, event.step) == ("denoising", JOINS) and "later" not in self.live:
            await self.submit("later", **self.later)

    async def run(self):
        """Paint both; gives the steps' forwards, each as the artists whose rows it carries."""
        await self.store.open()
        crowd = self.first.pop("crowd", 0)
        await self.submit("first", **self.first)
        for number in range(crowd):
            await self.submit("first", name=f"first {number}", **self.first, seed=number + 1)
        tending = asyncio.create_task(Attendant(0, lambda: self.worker, self.stage).run())
        try:
            answers = [await self._answer(account) for account in ("first", "later")]
        finally:
            tending.cancel()
            await asyncio.gather(tending, return_exceptions=True)
            await self.stage.close()
            await self.store.close()
        assert all(isinstance(answer, Finished) for answer in answers)
        names = {live.ticket: live.kept.account for live in self.live.values()}
        steps = [jobs for phase, jobs in self.worker.forwards if phase == "denoising"]
        return [Counter(names[key[:16]] for key in jobs) for jobs in steps]

    async def _answer(self, account):
        while True:
            if account in self.live:
                job = self.live[account].id
                kept = await self.store.call(self.store.journal.find, account, job)
                if kept.answer is not None:
                    return kept.answer
            await asyncio.sleep(0.005)


def play(folder, first, later):
    """The forwards of two artists' steps, in order."""
    return asyncio.run(House(folder, first, later).run())


def test_most_forwards_carry_rows_of_two_artists(tmp_path):
    """One artist's six jobs fill the worker; another's joins them at the next step all the same.

    Between two batches of the first one's a few steps have nobody to share with.
    """
    forwards = play(tmp_path, {"steps": STEPS, "crowd": 5}, {"steps": STEPS})
    begun = next(place for place, jobs in enumerate(forwards) if jobs["later"])
    late = [jobs for jobs in forwards[begun:] if jobs["later"]]
    shared = [jobs for jobs in late if jobs["first"]]
    assert len(late) == STEPS
    assert len(shared) > 0.5 * len(late)
    assert begun <= 2 * (JOINS + 3)


@pytest.mark.parametrize("later", [{}, {"prompt": "a cat", "seed": 9, "sampler": "DPM++ 2M"}])
def test_a_late_job_shares_every_forward_from_its_first_step_on(tmp_path, later):
    """Seven steps of the first are left: all but two carry rows of both."""
    forwards = play(tmp_path, {"steps": STEPS}, {"steps": STEPS, **later})
    alone = next(place for place, jobs in enumerate(forwards) if jobs["later"])
    # One step may have begun meanwhile, one goes while the late job's text and picture are encoded.
    assert JOINS <= alone <= JOINS + 2
    shared = [jobs for jobs in forwards if jobs["first"] and jobs["later"]]
    assert len(shared) == STEPS - alone
    assert len(forwards) == 2 * STEPS - len(shared)


def test_a_late_job_joins_one_of_many_variations(tmp_path):
    """Sixteen rows of somebody else's do not keep it waiting."""
    forwards = play(tmp_path, {"steps": STEPS, "count": 8}, {"steps": 6})
    begun = next(place for place, jobs in enumerate(forwards) if jobs["later"])
    late = forwards[begun : begun + 7]
    assert sum(jobs["later"] for jobs in late) == 6
    assert sum(jobs["first"] > 0 for jobs in late if jobs["later"]) >= 5
    assert begun <= 2 * (JOINS + 3)


def test_a_job_of_another_size_takes_turns(tmp_path):
    """The counter-proof: what can't be merged is not counted as merged, and waits for nobody."""
    forwards = play(tmp_path, {"steps": STEPS}, {"steps": STEPS, "width": 160})
    assert not [jobs for jobs in forwards if jobs["first"] and jobs["later"]]
    first = next(place for place, jobs in enumerate(forwards) if jobs["later"])
    assert first <= JOINS + 2
