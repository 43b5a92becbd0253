"""Draining and restarting: what runs is finished, what waits is kept, nobody loses a job."""

import subprocess
import sys
import time

from fakes.orders import Order, submit
from fakes.served import Served
from fakes.talk import talk

from bottega_backend.server.drain import DRAIN_FILE
from bottega_protocol.messages import Finished, Follow, Progress, Queued

MANY = 12
"""More jobs than a worker takes at once."""


def drain(served, *words):
    """`bottega drain` for this data folder."""
    command = [sys.executable, "-m", "bottega_backend.cli.main", "drain", "--data", served.data]
    return subprocess.run(
        [*command, *words], capture_output=True, text=True, check=False, timeout=120
    )


def test_what_runs_is_finished_and_what_waits_is_painted_by_the_next(tmp_path):
    """No accepted job is lost, and none that was running begins again."""
    gate = tmp_path / "gate"
    served = Served(tmp_path / "data").start()
    with talk(served.url, served.token) as line:
        orders = [Order(f"hold:{gate}") for _ in range(MANY)]
        for order in orders:
            submit(line, order)
        line.ask(Follow(orders[0].job), Progress)
        waiting = [order for order in orders if isinstance(_stands(line, order), Queued)]
        assert 0 < len(waiting) < MANY
        not_yet = drain(served, "--seconds", "0")
        assert (not_yet.returncode, not_yet.stdout) == (1, "")
        late = Order()
        submit(line, late)  # whoever comes while it drains is accepted, and waits
        while "draining" not in served.log():
            time.sleep(0.02)
        gate.touch()
        done = drain(served)
        assert (done.returncode, done.stderr) == (0, "")
    assert served.process.wait(30) == 0
    assert not (served.data / DRAIN_FILE).exists()
    before = served.log()
    with served:
        client = served.client()
        for order in [*orders, late]:
            assert isinstance(list(order.follow(client))[-1], Finished)
    finished = served.log().removeprefix(before).count("finished")
    assert finished == len(waiting) + 1


def _stands(line, order):
    line.session.send(Follow(order.job))
    line.heard.clear()
    return line.until(Queued, Progress, matching=lambda event: event.job == order.job)


def test_an_old_word_drains_no_new_server(tmp_path):
    """It was for one that was killed."""
    served = Served(tmp_path / "data")
    served.data.mkdir()
    (served.data / DRAIN_FILE).touch()
    with served, talk(served.url, served.token) as line:
        submit(line, order := Order())
        line.until(Finished, matching=lambda event: event.job == order.job)


def test_without_a_server_there_is_nothing_to_drain(tmp_path):
    """And no word is left for the next one."""
    served = Served(tmp_path / "data")
    assert drain(served).returncode == 0
    assert not served.data.exists()
