"""The stage with a worker in this process that does what a worker should not."""

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from fakes.orders import Order
from fakes.step_worker import HereWorker

from bottega_backend.errors import WorkerDied
from bottega_backend.scheduler.queue import TurnsQueue
from bottega_backend.server.attendant import Attendant
from bottega_backend.server.audience import Audience
from bottega_backend.server.stage import Stage
from bottega_backend.shelf.catalog import Catalog
from bottega_backend.store.thread import Store
from bottega_backend.workers.interface import BlobFile, Done
from bottega_protocol.messages import Cancelled, Failed, Finished


class Twisted(HereWorker):
    """A worker whose events are changed on their way out: `twist` maps one to several."""

    def __init__(self, twist):
        super().__init__()
        self.twist = twist

    async def advance(self, commands, budget_ms):
        advanced = await super().advance(commands, budget_ms)
        events = [event for told in advanced.events for event in self.twist(told)]
        return replace(advanced, events=tuple(events))


def straight(event):
    return (event,)


class Scene:
    """A store, a stage and a worker, without sockets."""

    def __init__(self, folder, twist):
        self.store = Store(folder)
        self.stage = Stage(self.store, Catalog(), TurnsQueue(time.monotonic), Audience())
        self.worker = Twisted(twist)

    async def submit(self, order, account="local"):
        """Store an order's blobs, accept it, admit it."""
        for sha256, content in order.blobs.items():
            upload = self.store.blobs.begin(account, sha256)
            upload.add(content)
            upload.finish()
        kept = await self.store.call(self.store.journal.accept, account, order.submit, 1)
        return self.stage.admit(kept)

    async def answer(self, order, account="local"):
        """Wait for an order's terminal record."""
        while True:
            kept = await self.store.call(self.store.journal.find, account, order.job)
            if kept.answer is not None and self.stage.find(kept.number) is None:
                return kept.answer
            await asyncio.sleep(0.005)


@asynccontextmanager
async def scene(folder, twist=straight):
    it = Scene(folder, twist)
    await it.store.open()
    await it.stage.recover()
    attendant = asyncio.create_task(Attendant(0, lambda: it.worker, it.stage).run())
    try:
        yield it
    finally:
        attendant.cancel()
        await asyncio.wait([attendant])
        await it.stage.close()
        await it.store.close()


def play(folder, order, twist=straight):
    """Have one order painted; gives its answer and what is left in the work folder."""

    async def run():
        async with scene(folder, twist) as it:
            await it.submit(order)
            answer = await it.answer(order)
            return answer, list(it.store.work.iterdir())

    return asyncio.run(run())


def test_a_job_leaves_nothing_in_the_work_folder(tmp_path):
    """Its layers are moved, the rest is swept."""
    answer, left = play(tmp_path, Order())
    assert isinstance(answer, Finished)
    assert answer.timings.denoise == 0.5
    assert left == []


def test_a_result_of_another_attempt_is_dropped(tmp_path):
    """Even when it arrives; the right one is kept."""

    def twist(event):
        if not isinstance(event, Done):
            return (event,)
        late = replace(event, attempt=2, result=replace(event.result, layers=()))
        return (late, event)

    answer, _ = play(tmp_path, Order(), twist)
    assert len(answer.result.layers) == 1


def test_a_second_result_is_dropped(tmp_path):
    """The first one counts."""

    def twist(event):
        if not isinstance(event, Done):
            return (event,)
        return (event, replace(event, result=replace(event.result, layers=())))

    answer, _ = play(tmp_path, Order(), twist)
    assert len(answer.result.layers) == 1


def elsewhere(event, folder):
    stolen = folder / "stolen"
    stolen.write_bytes(b"not the worker's")
    return replace(event, files=(BlobFile(event.files[0].sha256, str(stolen)), event.files[1]))


def swapped(event, _):
    one, two = event.files
    return replace(event, files=(BlobFile(one.sha256, two.path), BlobFile(two.sha256, one.path)))


def empty(event, _):
    return replace(event, files=())


@pytest.mark.parametrize(
    ("change", "code"),
    [(elsewhere, "internal"), (swapped, "wrong-hash"), (empty, "internal")],
)
def test_a_result_without_its_pixels_is_a_failure(tmp_path, change, code):
    """The job fails; no file from elsewhere is touched, nothing is left behind."""

    def twist(event):
        return (change(event, tmp_path) if isinstance(event, Done) else event,)

    answer, left = play(tmp_path / "data", Order(), twist)
    assert (type(answer), answer.code) == (Failed, code)
    assert left == []
    assert change is not elsewhere or (tmp_path / "stolen").exists()


def test_two_accounts_with_one_id_are_two_jobs_in_the_worker(tmp_path):
    """Each is told of its own, though they run side by side."""

    async def run():
        async with scene(tmp_path) as it:
            mine = Order("mine")
            other = Order("other")
            other.submit, other.job = replace(other.submit, job=mine.job), mine.job
            await it.submit(mine)
            await it.submit(other, "other")
            answers = await it.answer(mine), await it.answer(other, "other")
            return [answer.result.layers[0].name for answer in answers]

    assert asyncio.run(run()) == ["mine", "other"]


def test_a_job_whose_model_is_gone_fails_after_a_restart(tmp_path):
    """With the refusal that a new one would get."""

    async def run():
        store, order = Store(tmp_path), Order(model="of yesterday")
        await store.open()
        await store.call(store.journal.accept, "local", order.submit, 1)
        await store.close()
        async with scene(tmp_path) as it:
            return await it.answer(order)

    assert asyncio.run(run()).code == "unknown-model"


def test_a_job_is_cancelled_while_its_dead_worker_is_written_down(tmp_path):
    """Neither queued nor running at that moment; it ends all the same."""

    async def run():
        async with scene(tmp_path) as it:
            order = Order(f"hold:{tmp_path / 'never'}")
            live = await it.submit(order)
            while live.progress is None:  # noqa: ASYNC110  # the stage has no event for this
                await asyncio.sleep(0.005)
            it.stage.worker_died(0, WorkerDied("gone"))
            it.stage.cancel(live)
            return await it.answer(order), order.job

    answer, job = asyncio.run(run())
    assert answer == Cancelled(job)


def test_a_worker_is_handed_so_many_jobs_at_most(tmp_path):
    """The rest waits for a place: with words each step of a job has two rows of the eight."""

    async def run():
        async with scene(tmp_path) as it:
            orders = [Order("a boat", steps=5) for _ in range(12)]
            for order in orders:
                await it.submit(order)
            for order in orders:
                assert isinstance(await it.answer(order), Finished)
            return it.worker.worker.most_resident

    assert asyncio.run(run()) == 4


def test_a_worker_with_nothing_to_do_is_left_alone(tmp_path):
    """No call while nothing happens: an idle server costs nothing."""

    async def run():
        async with scene(tmp_path) as it:
            order = Order()
            await it.submit(order)
            await it.answer(order)
            await asyncio.sleep(0.05)
            before = len(it.worker.advances)
            await asyncio.sleep(0.2)
            return len(it.worker.advances) - before

    assert asyncio.run(run()) == 0
