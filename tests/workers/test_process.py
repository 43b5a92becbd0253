"""A worker process and the pipe to it: frames, deaths, and the end."""

import asyncio
import subprocess
import sys
import time

import psutil
import pytest
from fakes.orders import Order
from fakes.served import STEP_WORKER

from bottega_backend.errors import WorkerDied
from bottega_backend.workers.interface import Advanced, BlobFile, Done, Ended, Start, Stop
from bottega_backend.workers.process import ProcessWorker
from bottega_backend.workers.watchdog import LEAST_SECONDS, LOADING_SECONDS, Watchdog, awake
from bottega_protocol.messages import Progress

COMMAND = (sys.executable, str(STEP_WORKER))


@pytest.fixture
def start(tmp_path):
    """Makes a Start of an order whose blobs lie on disk."""

    def make(prompt="", **fields):
        order = Order(prompt, **fields)
        inputs = []
        for sha256, content in order.blobs.items():
            file = tmp_path / sha256.hex()
            file.write_bytes(content)
            inputs.append(BlobFile(sha256, str(file)))
        return Start(order.job, 1, order.request, tuple(inputs), str(tmp_path))

    return make


def with_worker(tmp_path, use, command=COMMAND, watchdog=None):
    """Start a worker, use it, close it; gives what `use` gave and the worker."""

    async def run():
        worker = ProcessWorker(command, tmp_path / "worker.log", watchdog)
        try:
            ready = await worker.start()
            return await use(worker, ready)
        finally:
            await worker.close()

    return asyncio.run(run())


async def until_idle(worker, advanced):
    """Advance until there is nothing left to do; gives every event."""
    events = list(advanced.events)
    while advanced.busy:
        advanced = await worker.advance((), 5)
        events += advanced.events
    return events


def test_a_job_goes_through_the_pipe(tmp_path, start):
    """Ready first; then steps, and the files of the result."""

    async def use(worker, ready):
        assert ready.device == "fake"
        return await until_idle(worker, await worker.advance((start(steps=5),), 5))

    events = with_worker(tmp_path, use)
    assert [event.step for event in events if isinstance(event, Progress)] == [1, 2, 3, 4]
    assert isinstance(events[-1], Done)
    assert all((tmp_path / entry.sha256.hex()).exists() for entry in events[-1].files)


def test_a_job_is_stopped_on_the_way(tmp_path, start):
    """Ended, and no step more; a budget of 0 only obeys."""
    job = start(steps=100)

    async def use(worker, _):
        await worker.advance((job,), 5)
        return await worker.advance((Stop(job.job),), 0)

    assert with_worker(tmp_path, use) == Advanced((Ended(job.job),), busy=False, patience=5.0)


def test_closing_ends_the_process(tmp_path):
    """By itself: its pipe is closed."""

    async def use(worker, _):
        return psutil.Process(worker.pid)

    assert not with_worker(tmp_path, use).is_running()


def test_a_death_is_told_with_its_exit_code(tmp_path, start):
    """Also for every call after it."""

    async def use(worker, _):
        with pytest.raises(WorkerDied) as first:
            await worker.advance((start("die"),), 5)
        with pytest.raises(WorkerDied):
            await worker.advance((), 5)
        return first.value

    assert "exit code 3" in with_worker(tmp_path, use).message


def test_a_kill_is_told_with_its_signal(tmp_path):
    """Out of memory looks like this."""

    async def use(worker, _):
        psutil.Process(worker.pid).kill()
        with pytest.raises(WorkerDied) as caught:
            await worker.advance((), 5)
        return caught.value

    assert "signal 9" in with_worker(tmp_path, use).message


def test_a_worker_that_hangs_is_killed(tmp_path, start):
    """Its patience is over: the process is gone when the error is raised."""

    async def use(worker, _):
        process = psutil.Process(worker.pid)
        with pytest.raises(WorkerDied) as caught:
            await worker.advance((start("hang"),), 5)
        return process, caught.value

    watchdog = Watchdog(loading=0.2, least=0.1)
    watchdog.heard(Advanced((), busy=False, patience=0.0))
    process, error = with_worker(tmp_path, use, watchdog=watchdog)
    assert not process.is_running()
    assert "no sign of life" in error.message


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("print('hello, I am a library')", "nonsense"),
        ("import sys; sys.stdout.buffer.write(b'\\1\\0\\0\\0\\0'); sys.stdin.read()", "nonsense"),
        ("import sys; sys.exit('no such device')", "exit code 1"),
    ],
)
def test_a_process_that_is_no_worker_is_given_up(tmp_path, program, why):
    """And what it wrote to standard error is kept."""
    with pytest.raises(WorkerDied) as caught:
        with_worker(tmp_path, None, (sys.executable, "-c", program))
    assert why in caught.value.message
    if why == "exit code 1":
        assert "no such device" in (tmp_path / "worker.log").read_text()


def test_a_command_that_is_not_there_is_told(tmp_path):
    """As a worker that died."""
    with pytest.raises(WorkerDied):
        with_worker(tmp_path, None, ("/nowhere/python",))


@pytest.mark.parametrize(("limit", "held"), [(awake, True), (asyncio.timeout, False)])
def test_time_for_which_the_server_was_stopped_is_not_the_workers(limit, held):
    """A laptop that slept: a plain time-out would have ended every worker on waking up."""

    async def answer_after_a_sleep():
        async with limit(1.0):
            await asyncio.sleep(0.01)
            time.sleep(2.0)  # noqa: ASYNC251  # the process stands still
            await asyncio.sleep(0.01)
            return True

    try:
        answered = asyncio.run(answer_after_a_sleep())
    except TimeoutError:
        answered = False
    assert answered == held


def test_a_hanging_worker_is_not_waited_for():
    """While the server is awake the seconds count."""

    async def hang():
        async with awake(0.6):
            await asyncio.sleep(60)

    with pytest.raises(TimeoutError):
        asyncio.run(hang())


def test_the_watchdog_waits_as_long_as_the_worker_said():
    """Longer when a job is handed over, which may have to be loaded; never under the least."""
    watchdog = Watchdog()
    order = Order()
    begin = (Start(order.job, 1, order.request, (), "/"),)
    assert watchdog.limit((), 0) == LOADING_SECONDS
    watchdog.heard(Advanced((), busy=True, patience=40.0))
    assert watchdog.limit((), 75) == pytest.approx(40.075)
    assert watchdog.limit((Stop(order.job),), 0) == 40.0
    assert watchdog.limit(begin, 0) == LOADING_SECONDS
    watchdog.heard(Advanced((), busy=True, patience=0.01))
    assert watchdog.limit((), 0) == LEAST_SECONDS


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it ends when it reads its input")
def test_a_worker_whose_server_is_gone_already_does_not_begin():
    """Killed before the worker could ask for a signal: it must not load gigabytes for nobody."""
    process = subprocess.Popen(
        [sys.executable, "-X", "importtime", "-P", "-m", "bottega_backend.workers.main"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    process.stdin.close()
    assert process.stdout.read() == ""
    assert "torch" not in process.stderr.read()
    assert process.wait(60) == 1
    process.stdout.close()
    process.stderr.close()
