"""What was accepted is painted, whoever dies; what can't be written is not accepted."""

import resource
from contextlib import contextmanager

import psutil
import pytest
from fakes.orders import Order
from fakes.served import Served
from fakes.talk import talk

from bottega_protocol.messages import (
    Accepted,
    Failed,
    Finished,
    Follow,
    Need,
    Progress,
    Queued,
    Refused,
)


@pytest.fixture
def served(tmp_path):
    with Served(tmp_path / "data") as server:
        yield server


def submit(line, order, *answers):
    """Submit an order, upload what is needed, wait for one of these answers."""
    need = line.ask(order.submit, Need)
    for transfer, sha256 in enumerate(need.hashes, start=1):
        line.upload(transfer, sha256, order.blobs[sha256])
    return line.until(*answers)


def running(line, order):
    """Wait until a worker has the job."""
    line.session.send(Follow(order.job))
    line.until(Progress, matching=lambda event: event.job == order.job)


def test_jobs_and_results_survive_a_kill(served, tmp_path):
    """One finished, one running, one waiting: after a restart all three results are fetched."""
    gate = tmp_path / "gate"
    done = Order()
    list(done.follow(served.client()))
    held = Order(f"hold:{gate}", model="apprentice")
    waiting = Order(model="apprentice-inpaint")
    with talk(served.url, served.token) as line:
        submit(line, held, Accepted)
        submit(line, waiting, Accepted)
        running(line, held)
    worker = served.worker()
    served.kill()
    gate.touch()
    psutil.wait_procs([worker], timeout=20)
    assert not worker.is_running()
    served.start()
    client = served.client()
    for order in (done, held, waiting):
        finished = list(order.follow(client))[-1]
        assert client.fetch(finished.result.layers[0].pixels) == order.negative
    states = {row.state for row in client.results()}
    assert (len(client.results()), states) == (3, {"finished"})


def test_jobs_survive_a_polite_end_too(served, tmp_path):
    """SIGTERM does not wait for a job; the next server paints it."""
    gate, order = tmp_path / "gate", Order(f"hold:{tmp_path / 'gate'}")
    with talk(served.url, served.token) as line:
        submit(line, order, Accepted)
        running(line, order)
    assert served.stop() == 0
    gate.touch()
    served.start()
    assert isinstance(list(order.follow(served.client()))[-1], Finished)


def test_a_result_is_fetched_after_many_kills(served):
    """Kill by kill, at no chosen moment: nothing that was accepted is lost."""
    orders = []
    for _ in range(4):
        with talk(served.url, served.token) as line:
            for _ in range(3):
                orders.append(Order(steps=5))
                submit(line, orders[-1], Accepted)
        served.kill()
        served.start()
    client = served.client()
    for order in orders:
        finished = list(order.follow(client))[-1]
        assert client.fetch(finished.result.layers[0].pixels) == order.negative
    assert len(client.results(most=100)) == len(orders)


def test_a_killed_worker_is_replaced_and_its_job_begins_again(served, tmp_path):
    """The artist sees it queued once more, then finished."""
    gate = tmp_path / "gate"
    order = Order(f"hold:{gate}", steps=3)
    with talk(served.url, served.token) as line:
        submit(line, order, Accepted)
        running(line, order)
        first = served.worker()
        first.kill()
        line.heard.clear()
        line.until(Queued)
        gate.touch()
        assert line.until(Finished)
    assert served.worker().pid != first.pid


def test_a_worker_that_dies_in_a_job_is_survived_by_it(served):
    """Its second attempt succeeds; those beside it are painted as well."""
    client = served.client()
    orders = [Order(steps=9), Order("die-once"), Order(steps=9)]
    with talk(served.url, served.token) as line:
        for order in orders:
            submit(line, order, Accepted)
    for order in orders:
        assert isinstance(list(order.follow(client))[-1], Finished)


def test_a_job_that_kills_two_workers_is_given_up(served):
    """With a code; whoever comes next is painted."""
    client = served.client()
    failed = list(Order("die").follow(client))[-1]
    assert (type(failed), failed.code) == (Failed, "worker-died")
    assert "worker.log" in failed.remedy
    assert isinstance(list(Order().follow(client))[-1], Finished)
    assert [row.state for row in client.results()] == ["finished", "failed"]


def test_a_worker_that_forgets_a_job_is_replaced(served):
    """As if it had died."""
    assert list(Order("forget").follow(served.client()))[-1].code == "worker-died"


def test_jobs_are_told_when_no_worker_starts(tmp_path):
    """They fail with a remedy; the server goes on answering."""
    with Served(tmp_path / "data", worker=["/nowhere/python"]) as served:
        client = served.client()
        failed = list(Order().follow(client))[-1]
        assert (type(failed), failed.code) == (Failed, "worker-died")
        assert "doctor" in failed.remedy
        assert client.offers()


@contextmanager
def no_room_to_grow(served, file):
    """No file of the server may grow beyond the size that this one has now."""
    pid, limit = served.process.pid, resource.RLIMIT_FSIZE
    before = resource.prlimit(pid, limit, (file.stat().st_size, resource.RLIM_INFINITY))
    yield
    resource.prlimit(pid, limit, before)


def test_accepted_is_said_only_after_the_commit(served):
    """A journal that can't grow: the job is refused; once it can, it is accepted."""
    client, order = served.client(), Order()
    list(Order().follow(client))
    with talk(served.url, served.token) as line:
        with no_room_to_grow(served, served.data / "bottega.sqlite3-wal"):
            refused = submit(line, order, Accepted, Refused)
            assert (type(refused), refused.code) == (Refused, "store-failed")
            assert str(served.data) in refused.remedy
            assert line.ask(Follow(order.job), Refused).code == "unknown-job"
        assert not [event for event in line.heard if isinstance(event, Accepted)]
        assert line.ask(order.submit, Accepted)
        assert line.until(Finished)


def test_a_result_waits_for_the_disk(served, tmp_path):
    """An accepted job that can't be written down stays; it ends once there is room."""
    gate = tmp_path / "gate"
    order = Order(f"hold:{gate}", steps=1)
    with talk(served.url, served.token) as line:
        submit(line, order, Accepted)
        running(line, order)
        with no_room_to_grow(served, served.data / "bottega.sqlite3-wal"):
            gate.touch()
            while "data folder failed" not in served.log():
                line.ask(Follow(order.job), Progress)
        assert line.until(Finished)
