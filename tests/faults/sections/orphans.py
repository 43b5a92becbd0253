"""The product's own worker, torch and all: gone with its server, and its memory with it."""

from __future__ import annotations

import shutil
import sys
import time
from collections import Counter

import psutil
from fakes.tiny import models_folder
from faults.given import Figures, Given

from .kills import GONE_SECONDS, Doomed
from .workers import order_of

TIMES = 20
MAIN = (sys.executable, "-P", "-m", "bottega_backend.workers.main", "--device", "cpu")


def run(given: Given) -> Figures:
    """Kill the server while its worker starts, and when it has painted."""
    counts: Counter[str] = Counter()
    broken: list[str] = []
    models = models_folder()
    for number in range(given.count(TIMES, 2)):
        shutil.rmtree(given.folder / "one", ignore_errors=True)
        (given.folder / "one").mkdir()
        server = Doomed(given.folder / "one" / "data")
        server.options |= {"worker": [*MAIN, "--models", str(models)], "models": str(models)}
        server.start()
        when = "painted" if number % 4 == 3 else "was starting"
        _wait(given, server, number, painted=number % 4 == 3)
        workers = psutil.Process(server.process.pid).children(recursive=True)
        server.kill()
        counts[f"workers whose server was killed when it {when}"] += len(workers)
        broken += _left(workers)
    return Figures(dict(counts), tuple(broken))


def _wait(given: Given, server: Doomed, number: int, *, painted: bool) -> None:
    if painted:
        list(order_of(0).follow(server.client()))
        server.hang_up()
        return
    deadline = time.monotonic() + 10
    while server.worker() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    time.sleep(given.random("orphans", number).choice((0.0, 0.02, 0.1, 0.5, 3.0)))


def _left(workers: list[psutil.Process]) -> list[str]:
    _, alive = psutil.wait_procs(workers, GONE_SECONDS)
    for worker in alive:
        worker.kill()
    return [f"a worker outlived its server by {GONE_SECONDS} s" for _ in alive]
