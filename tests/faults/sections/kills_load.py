"""Artists who go on painting whatever happens to the server, and witnesses of what it promised."""

from __future__ import annotations

import random
import threading
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field

from fakes.orders import Order, submit
from fakes.paper import Paper
from fakes.talk import talk
from websockets.exceptions import WebSocketException

from bottega_client import connection
from bottega_client.easel import Easel
from bottega_client.entries import ENDED, FAILED, PLACED, Changed, Entry, Event
from bottega_client.launch import NoServer
from bottega_client.placing import placing_key
from bottega_client.transport import Disconnected
from bottega_client.wishes import Wish

PATIENCE = 120
connection.LOOK_SECONDS = 0.5  # an outage is short here


class Artist(threading.Thread):
    """An Easel, as in both editors, and one paper: job after job until told to rest."""

    def __init__(self, number: int, url: str, token: str, dice: random.Random) -> None:
        super().__init__(daemon=True)
        self.counts: Counter[str] = Counter()
        self.broken: list[str] = []
        self.resting = threading.Event()
        self._dice = dice
        self._paper = Paper(128, 96, (30, 20, 40, 40))
        self._paper.document = f"paper/{number}"
        self._keys: list[bytes] = []
        self._news = threading.Condition()
        self._ended: dict[bytes, Entry] = {}
        self._easel = Easel("faults", self._tell)
        self._easel.connect_to(url, token)

    def run(self) -> None:
        """Order, wait until it is placed, compare; order anew what nobody has heard of."""
        self._easel.start()
        while not self.resting.is_set():
            self._one()
        placed = [key for key, _ in self._paper.placed]
        if sorted(placed) != sorted(self._keys):
            self.broken.append(f"{len(placed)} layers for {len(self._keys)} jobs")
        self._easel.close()

    def _one(self) -> None:
        self._paper.picture[:8, :8] = self._dice.randrange(256)
        self._paper.picture[0, 0, :3] = list(self._dice.randbytes(3))
        wish = Wish("a boat", seed=1, steps=self._dice.randint(2, 40))
        job = self._easel.order(self._paper, self._dice.choice(["fill", "refine"]), wish)
        entry = self._wait(job)
        if entry is None:
            self.broken.append(f"a job did not end within {PATIENCE} s")
        elif entry.state == PLACED:
            self._keys.append(placing_key(job, 0, 1))
            self._compare()
        elif entry.state == FAILED and isinstance(entry.error, (NoServer, Disconnected)):
            # Ordered in an outage: nothing was read, and the artist was told at once.
            self.counts["orders in an outage that were told so"] += 1
            self.resting.wait(0.2)
        else:
            self.broken.append(f"a job ended as {entry.state}: {entry.error}")

    def _compare(self) -> None:
        self.counts["jobs placed by editors"] += 1
        _, layers = self._paper.placed[-1]
        where = layers[0].layer.rectangle
        part = self._paper.picture[where.y : where.bottom, where.x : where.right]
        if layers[0].pixels != (255 - part).tobytes():
            self.broken.append("a layer has other pixels than without faults")

    def _tell(self, event: Event) -> None:
        if isinstance(event, Changed) and event.entry.state in ENDED:
            with self._news:
                self._ended[event.entry.job] = event.entry
                self._news.notify_all()

    def _wait(self, job: bytes) -> Entry | None:
        with self._news:
            self._news.wait_for(lambda: job in self._ended, PATIENCE)
            return self._ended.get(job)


@dataclass
class Witness:
    """Submits and never again: what it heard accepted must be there in the end."""

    url: str
    token: str
    dice: random.Random
    accepted: list[Order] = field(default_factory=list)
    resting: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """On a thread: connection after connection."""
        while not self.resting.is_set():
            with suppress(OSError, WebSocketException, TimeoutError, EOFError):
                self._converse()
            self.resting.wait(0.05)

    def _converse(self) -> None:
        with talk(self.url, self.token) as line:
            while not self.resting.is_set() and line.session.open:
                order = Order(steps=self.dice.randint(2, 20), side=24)
                submit(line, order)
                self.accepted.append(order)
                self.resting.wait(0.3)
