"""Connections cut at any byte of upload, wait and download: everything goes on where it was."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from fakes.orders import Order
from fakes.served import Served
from faults.given import Figures, Given
from faults.wide import wide

from bottega_backend.server.certificate import make_certificate, write_private
from bottega_client.client import Client
from bottega_client.launch import Address, find_server
from bottega_protocol.errors import BottegaError
from bottega_protocol.messages import Finished, Progress, Queued

from .cuts_line import CutLine

MOST_CUTS = 20
"""Of one job: then it is let through."""

RETRIES = (0.0, 0.01, 0.02, *(0.05,) * 60)
SLOW_RATE = 2e6 / 8
SLOW_DELAY = 0.1
"""Seconds each way: 200 ms there and back."""

OVERHEAD = 4_000
"""Bytes each way that a conversation has besides its pixels: handshake, messages, previews."""


@dataclass(frozen=True)
class Kind:
    """A kind of line: how often it is cut, in CI too, and how many use it at a time."""

    name: str
    cuts: int
    least: int
    drivers: int = 4
    slow: bool = False
    tls: bool = False


KINDS = (
    Kind("fast", 10_000, 40),
    Kind("encrypted", 2_000, 20, tls=True),
    Kind("slow", 200, 8, drivers=8, slow=True),
)


@dataclass
class Ledger:
    """What all drivers have counted."""

    most: int
    turn: threading.Lock = field(default_factory=threading.Lock)
    cuts: Counter[str] = field(default_factory=Counter)
    jobs: int = 0
    needed: int = 0
    carried: int = 0
    broken: list[str] = field(default_factory=list)

    @property
    def full(self) -> bool:
        """Whether every cut has been made."""
        return sum(self.cuts.values()) >= self.most or bool(self.broken)


class Driver(threading.Thread):
    """An artist whose line breaks all the time; one job after the other."""

    def __init__(self, served: Served, ledger: Ledger, chance: random.Random, kind: Kind) -> None:
        super().__init__(daemon=True)
        rate = (SLOW_RATE, SLOW_DELAY) if kind.slow else (0.0, 0.0)
        self._line = CutLine(int(served.url.rpartition(":")[2]), self._was_cut, *rate)
        self._ledger = ledger
        self._chance = chance
        self._side = 128 if kind.slow else 0
        self._phase = "upload"
        self._left = 0
        self._sizes = (0, 0)
        url = self._line.url.replace("ws:", "wss:") if kind.tls else self._line.url
        address = Address(url, served.token, "local", find_server(served.data).pin)
        self._client = Client(address, "cut", RETRIES)

    def run(self) -> None:
        """Until enough was cut."""
        self._client.connect()  # a server that never was there is not waited for
        while not self._ledger.full:
            self._try()
        self._client.close()
        self._line.close()

    def _try(self) -> None:
        try:
            self._job()
        except BottegaError as error:
            self._ledger.broken.append(f"{self._phase}: {error.code} {error.message}")

    def _job(self) -> None:
        side = self._side or self._chance.choice((8, 16, 32, 64, 128))
        order = Order(side=side, steps=self._chance.choice((2, 8, 24)))
        size = len(order.pixels) + len(order.mask)
        self._sizes = (size + OVERHEAD, len(order.pixels) + OVERHEAD)
        self._phase, self._left = "upload", self._chance.randrange(MOST_CUTS + 1)
        before = self._carried()
        self._next_cut()
        finished = None
        for finished in order.follow(self._client):
            if isinstance(finished, (Progress, Queued)):
                self._phase = "wait"
        if not isinstance(finished, Finished):
            self._ledger.broken.append(f"A job ended with {finished}.")
            return
        self._phase = "download"
        content = self._client.fetch(finished.result.layers[0].pixels)
        with self._ledger.turn:
            self._ledger.jobs += 1
            self._ledger.needed += size + len(content)
            self._ledger.carried += self._carried() - before
            if content != order.negative:
                self._ledger.broken.append("A result has other pixels than it should.")

    def _carried(self) -> int:
        return sum(way.carried for way in self._line.ways.values())

    def _next_cut(self) -> None:
        if self._left > 0 and not self._ledger.full:
            self._left -= 1
            number = self._chance.randrange(2)
            way = ("up", "down")[number]
            # Also near: a line that is cut again and again at once is the hardest.
            far = self._sizes[number] // self._chance.choice((1, 2, 8))
            self._line.cut_in(way, self._chance.randrange(max(1, far)))

    def _was_cut(self, way: str) -> None:
        with self._ledger.turn:
            self._ledger.cuts[f"{self._phase}, {way}"] += 1
        self._next_cut()


def run(given: Given) -> Figures:
    """Each kind of line, on a server of its own; last, every job is there once."""
    broken: list[str] = []
    counts: dict[str, int | float | str] = {}
    for kind in KINDS:
        folder, ledger = given.folder / kind.name, Ledger(given.count(kind.cuts, kind.least))
        with wide(folder, **(_tls(folder) if kind.tls else {})) as served:
            _drive(given, served, kind, ledger)
            jobs, states = _jobs(served)
        broken += [f"{kind.name}: {sentence}" for sentence in ledger.broken]
        if (jobs, states) != (ledger.jobs, {"finished"}):
            broken.append(f"{kind.name}: the server keeps {jobs} jobs, {states}.")
        counts |= _counts(kind.name, ledger)
    return Figures(counts, tuple(broken))


def _tls(folder: Path) -> dict[str, str]:
    """The options of a server that encrypts, on this machine too."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "certificate.pem"
    write_private(file, make_certificate(datetime.now(UTC)))
    return {"certificate": str(file), "key": str(file)}


def _drive(given: Given, served: Served, kind: Kind, ledger: Ledger) -> None:
    drivers = [
        Driver(served, ledger, given.random(kind.name, number), kind)
        for number in range(kind.drivers)
    ]
    for driver in drivers:
        driver.start()
    _watch(drivers, lambda: given.say(f"{kind.name}: {sum(ledger.cuts.values())} of {ledger.most}"))


def _watch(drivers: list[Driver], tell: Callable[[], None]) -> None:
    told = time.monotonic()
    for driver in drivers:
        while driver.is_alive():
            driver.join(1)
            if time.monotonic() - told > 30:
                told = time.monotonic()
                tell()


def _counts(name: str, ledger: Ledger) -> dict[str, int | float | str]:
    by_phase = {f"{name} line, cuts in {phase}": n for phase, n in sorted(ledger.cuts.items())}
    return {
        f"{name} line, cuts": sum(ledger.cuts.values()),
        **by_phase,
        f"{name} line, jobs": ledger.jobs,
        f"{name} line, bytes carried for each of pixels": round(
            ledger.carried / max(1, ledger.needed), 2
        ),
    }


def _jobs(served: Served) -> tuple[int, set[str]]:
    client, found = served.client(), []
    while page := client.results(len(found), 100):
        found += page
    return len({row.job for row in found}), {row.state for row in found}
