"""Many jobs, stops, cut lines and a killed server at once: every job ends, no layer twice."""

import os
import random
import threading

import pytest
from client.panel import Panel
from fakes.line import Line
from fakes.paper import Paper
from fakes.served import Served

from bottega_client import history
from bottega_client.entries import FAILED, IN_FLIGHT, PLACED, READY, STOPPED
from bottega_client.launch import NoServer
from bottega_client.placing import placing_key
from bottega_client.transport import Disconnected
from bottega_client.wishes import Wish
from bottega_protocol.errors import Refusal

SEEDS = [int(seed) for seed in os.environ.get("BOTTEGA_STORMS", "1").split()]
"""`BOTTEGA_STORMS="1 2 3 …"` runs more of them."""

JOBS = 12


@pytest.fixture
def own(tmp_path):
    """A server of this test's own, which comes back on the same port."""
    with Served(tmp_path / "data") as server:
        server.options["port"] = int(server.url.rpartition(":")[2])
        yield server


class Weather:
    """Cuts lines and kills the server until it has had enough."""

    def __init__(self, server, line, chance):
        self.deeds = chance.choices([line.cut, line.cut, lambda: self.restart(server)], k=5)
        self.pauses = [chance.uniform(0, 0.4) for _ in self.deeds]
        self.rested = threading.Event()

    def blow(self):
        for deed, pause in zip(self.deeds, self.pauses, strict=True):
            self.rested.wait(pause)
            deed()

    @staticmethod
    def restart(server):
        server.kill()
        server.start()


@pytest.mark.parametrize("seed", SEEDS)
def test_through_a_storm_every_job_ends_and_no_layer_comes_twice(own, seed):
    """What is stopped may have been finished already; what is not stopped arrives, once."""
    chance, line, panel = random.Random(seed), Line(int(own.url.rpartition(":")[2])), Panel()
    panel.easel.connect_to(line.url, own.token)
    panel.connected()
    papers = [Paper(300, 200, (20, 20, 150, 120)) for _ in range(3)]
    for number, paper in enumerate(papers):
        paper.document = f"paper/{number}"
    weather = threading.Thread(target=Weather(own, line, chance).blow)
    weather.start()
    jobs, stopped = {}, set()
    for number in range(JOBS):
        paper, count = chance.choice(papers), chance.choice([1, 1, 3])
        paper.picture[number, 0, 0] ^= 255
        wish = Wish(f"{seed} {number}", count=count, steps=chance.randint(2, 60))
        capability = chance.choice(["fill", "refine", "generate"])
        jobs[panel.easel.order(paper, capability, wish)] = (paper, count)
        if chance.random() < 0.4:
            stopped.add(chance.choice(list(jobs)))
            for job in stopped:
                panel.easel.stop(job)
    weather.join()
    _assert_all_end(panel, jobs, stopped, own.client())
    _assert_placed_once(panel, jobs, papers)
    panel.easel.close()
    line.close()


def _assert_all_end(panel, jobs, stopped, client):
    def left():
        entries = panel.easel.entries()
        # A single variation is ready for a moment before it is placed.
        passing = [each for each in entries if each.state == READY and jobs[each.job][1] == 1]
        return [each for each in entries if each.state in IN_FLIGHT] + passing

    panel.until(lambda: not left())
    entries = {entry.job: entry for entry in panel.easel.entries()}
    assert set(entries) == set(jobs)
    for job, entry in entries.items():
        if entry.state == FAILED:
            # It was ordered in an outage: nothing was read, and no server has ever heard of it.
            assert isinstance(entry.error, (Disconnected, NoServer))
            with pytest.raises(Refusal, match="no such job"):
                client.outcome(job)
            continue
        expected = PLACED if jobs[job][1] == 1 else READY
        assert entry.state in ((expected, STOPPED) if job in stopped else (expected,)), entry


def _assert_placed_once(panel, jobs, papers):
    for entry in panel.easel.entries():
        if entry.state == READY:
            panel.easel.place(entry.job, (0, 2))
            panel.entry(entry.job, PLACED)
    keys = []
    for job, (_, count) in jobs.items():
        entry = next(each for each in panel.easel.entries() if each.job == job)
        if entry.state == PLACED:
            panel.until(lambda job=job, count=count: _placed(panel, job) == (2 if count > 1 else 1))
            keys += [placing_key(job, number, count) for number in ((0, 2) if count > 1 else (0,))]
    assert sorted(key for paper in papers for key, _ in paper.placed) == sorted(keys)
    remembered = sum(len(history.read(paper.text)) for paper in papers)
    assert remembered == len(keys)


def _placed(panel, job):
    entry = next(each for each in panel.easel.entries() if each.job == job)
    return sum(each.placed for each in entry.variations)
