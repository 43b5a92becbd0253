"""Workers that die, hang, run out of memory, lose their device: what becomes of whose job."""

from __future__ import annotations

import copy
import os
import random
import shutil
import threading
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import psutil
from fakes.orders import Order
from fakes.tiny import models_folder
from faults.given import Figures, Given

from bottega_protocol.messages import Failed, Finished

from .kills import Doomed
from .nursery import nursery

NURSERY = Path(__file__).with_name("workers_nursery.py")
EACH = 20
OTHERS = 5
SIDE = 64
TOLERANCE = 2
"""Of 255: jobs that share forwards differ from those that run alone in the last bits."""

PAUSE_SECONDS = 90.0
DIED = frozenset({"worker-died"})
NO_MEMORY = frozenset({"out-of-memory"})


@dataclass(frozen=True)
class Case:
    """A fault, how often it is done, and what it may cost: so many of two jobs, with these codes.

    `times` is how often in a row; `count` how often in all, in a full run.
    """

    site: str
    kind: str
    count: int = OTHERS
    times: int = 1
    costs: int = 0
    codes: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """For the report."""
        often = f", {self.times} times in a row" if self.times > 1 else ""
        return f"{self.kind} while {self.site}{often}" if self.site else self.kind


SITES = (
    "loading",
    "reading the prompt",
    "encoding",
    "a step",
    "decoding",
    "a forward of the decoder",
    "writing",
)
CASES = (
    Case("loading", "kill", EACH),
    Case("a step", "kill", EACH),
    Case("decoding", "kill", EACH),
    Case("writing", "kill", EACH),
    Case("a step", "exit"),
    Case("a step", "hang"),
    Case("a step", "nonsense"),
    *(Case(site, "no memory", costs=1, codes=NO_MEMORY) for site in SITES[1:]),
    Case("loading", "no memory"),  # tried once more without the idle models
    Case("loading", "no memory", times=2, costs=2, codes=NO_MEMORY),
    Case("writing", "disk full"),  # painted once more when there is room
    *(Case(site, "no host memory", costs=1, codes=NO_MEMORY) for site in ("encoding", "writing")),
    *(Case(site, "device error") for site in SITES),
    Case("a step", "error", costs=1, codes=frozenset({"internal"})),
    Case("a step", "nan", times=99, costs=2, codes=frozenset({"not-finite"})),
    Case("a forward of the decoder", "nan"),
)


class Bench:
    """A server whose workers come from the nursery, two jobs, and how they come out undisturbed."""

    def __init__(self, folder: Path, command: list[str], models: Path) -> None:
        shutil.rmtree(folder / "data", ignore_errors=True)
        self.fault = folder / "fault"
        self.server = Doomed(folder / "data")
        self.server.options |= {"worker": command, "models": str(models)}
        self.server.start()
        self.client = self.server.client()
        self.jobs = [order_of(number) for number in range(2)]
        self.right = [self.pixels(self.run_one(job)) for job in self.jobs]

    def run_one(self, order: Order) -> Finished | Failed:
        """The same request as a new job; how it ended."""
        again = copy.copy(order)
        again.submit = replace(order.submit, job=os.urandom(16))
        return list(again.follow(self.client))[-1]

    def run_two(self) -> list[Finished | Failed]:
        """Both at once."""
        ends: dict[int, Finished | Failed] = {}

        def one(number: int) -> None:
            ends[number] = self.run_one(self.jobs[number])

        threads = [threading.Thread(target=one, args=(number,)) for number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PAUSE_SECONDS)
        return [ends[number] for number in sorted(ends)]

    def pixels(self, end: Finished) -> np.ndarray:
        """What was painted."""
        content = self.client.fetch(end.result.layers[0].pixels)
        return np.frombuffer(content, np.uint8).astype(int)

    def off(self, number: int, end: Finished) -> int:
        """The largest difference to the undisturbed picture, of 255."""
        return int(np.abs(self.pixels(end) - self.right[number]).max())


def order_of(number: int) -> Order:
    """A small job for the tiny model, the same for the same number."""
    drawn = random.Random(number).randbytes(SIDE * SIDE * 4)
    return Order(f"boat {number}", SIDE, drawn=drawn, model="tiny", seed=number, steps=6)


def run(given: Given) -> Figures:
    """Case by case, two artists each time."""
    counts: Counter[str] = Counter()
    broken: list[str] = []
    models = models_folder()
    with nursery(given.folder, NURSERY, str(models)) as command:
        bench = Bench(given.folder, command, models)
        try:
            if int(np.abs(bench.right[0] - bench.right[1]).max()) <= TOLERANCE:
                broken.append("the tolerance would not notice another picture")
            for case in _due(given):
                _case(given, bench, case, counts, broken)
            _poison(given, bench, counts, broken)
        finally:
            bench.server.hang_up()
            bench.server.kill()
    return Figures(dict(counts), tuple(broken[:20]))


def _due(given: Given) -> list[Case]:
    """Every case; of a small share only some of them, by the seed."""
    if given.share >= 0.1:
        return list(CASES)
    return [CASES[1], *given.random("cases").sample(CASES[4:], 4)]


def _case(given: Given, bench: Bench, case: Case, counts: Counter[str], broken: list[str]) -> None:
    for number in range(given.count(case.count)):
        if case.site == "loading":  # only a fresh worker loads
            _kill_worker(bench)
        skip = given.random(case.name, number).randint(0, 5) if case.site == "a step" else 0
        bench.fault.write_text(f"{case.site}|{case.kind}|{skip}|{case.times}")
        ends = bench.run_two()
        counts[case.name] += 1
        if case.times == 1 and bench.fault.exists():
            broken.append(f"{case.name}: it was never reached")
        bench.fault.unlink(missing_ok=True)
        broken += [f"{case.name}: {each}" for each in _judge(bench, case, ends, counts)]
    given.say(f"workers: {case.name}: {counts[case.name]}")


def _judge(
    bench: Bench, case: Case, ends: list[Finished | Failed], counts: Counter[str]
) -> list[str]:
    if len(ends) < 2:
        return [f"a job did not end within {PAUSE_SECONDS} s"]
    failed = [end for end in ends if not isinstance(end, Finished)]
    counts["jobs that ended in the right picture"] += len(ends) - len(failed)
    counts["jobs that failed with their cause"] += len(failed)
    found = [f"a job ended as {end!r:.200}" for end in failed if end.code not in case.codes]
    if len(failed) > case.costs:
        found.append(f"{len(failed)} jobs failed")
    for number, end in enumerate(ends):
        off = bench.off(number, end) if isinstance(end, Finished) else 0
        counts["largest difference to an undisturbed run, of 255"] = max(
            off, counts["largest difference to an undisturbed run, of 255"]
        )
        if off > TOLERANCE:
            found.append(f"a picture differs by {off} of 255")
    return found


def _kill_worker(bench: Bench) -> None:
    worker = bench.server.worker()
    if worker is not None:
        worker.kill()
        psutil.wait_procs([worker], 10)


def _poison(given: Given, bench: Bench, counts: Counter[str], broken: list[str]) -> None:
    """A job at which every worker dies: it runs alone, is given up, and the next one is painted."""
    for _ in range(given.count(OTHERS)):
        bench.fault.write_text("a step|kill|0|2")
        end = bench.run_one(bench.jobs[0])
        counts["a job that kills two workers"] += 1
        if not isinstance(end, Failed) or end.code not in DIED:
            broken.append(f"a job that kills workers ended as {end!r:.200}")
        after = bench.run_one(bench.jobs[1])
        if not isinstance(after, Finished) or bench.off(1, after) > TOLERANCE:
            broken.append(f"after a job that kills workers the next ended as {after!r:.200}")
