"""An artist of the soak: all sorts of work, one thing after the other, for as long as it lasts."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

from fakes.orders import Order

from bottega_client.client import Client
from bottega_client.launch import Address
from bottega_protocol.errors import BottegaError, Refusal
from bottega_protocol.images import Layout
from bottega_protocol.messages import AskQuote, Cancelled, Finished, Progress
from bottega_protocol.regions import Rectangle, Size

SIDES = (16, 24, 32, 48, 64, 96)
PAUSE = 2.0
"""Seconds between two pieces of work, at most."""

RETRIES = (0.05,) * 200
QUOTED = ("fill", Size(2048, 2048), Rectangle(99, 99, 400, 300), Layout("RGBA", "u8"))


class Artist(threading.Thread):
    """Ends when `over` is set. What was done is counted, how long quotes took is noted."""

    def __init__(self, address: Address, chance: random.Random, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self._address = address
        self._chance = chance
        self._over = over
        self._client = self._connect()
        self.done: Counter[str] = Counter()
        self.quotes: list[float] = []
        self.broken: list[str] = []

    def _connect(self) -> Client:
        client = Client(self._address, "soak", RETRIES)
        client.connect()
        return client

    def run(self) -> None:
        """One piece of work after the other, by chance."""
        while not self._over.is_set() and len(self.broken) < 9:
            name = self._chance.choices([*WORK], [weight for _, weight in WORK.values()])[0]
            try:
                WORK[name][0](self)
                self.done[name] += 1
            except BottegaError as error:
                self.broken.append(f"{name}: {error.code} {error.message}")
            self._over.wait(self._chance.random() * PAUSE)
        self._client.close()

    def paint(self) -> None:
        """A job to its end, fetched, looked at, acknowledged."""
        order = self._order()
        finished = list(order.follow(self._client))[-1]
        if not isinstance(finished, Finished):
            self.broken.append(f"A job ended with {finished}.")
            return
        for layer in finished.result.layers:
            content = self._client.fetch(layer.pixels)
            copied = layer.variation == 0 and order.capability != "generate"
            if copied and content != order.negative:
                self.broken.append("A result has other pixels than it should.")
        self._client.acknowledge(order.job)

    def stop_one(self) -> None:
        """A job that is stopped while it is painted."""
        stop = threading.Event()
        order = self._order(steps=100)
        for event in order.follow(self._client, stop):
            if isinstance(event, Progress):
                stop.set()
        if not isinstance(event, (Cancelled, Finished)):
            self.broken.append(f"A job that was stopped ended with {event}.")

    def ask(self) -> None:
        """A quote, as the panel asks for one at every change of the selection."""
        begun = time.perf_counter()
        self._client.quote(lambda number: AskQuote(number, *QUOTED))
        self.quotes.append(time.perf_counter() - begun)

    def look(self) -> None:
        """Offers and recent results, by words too."""
        self._client.offers()
        self._client.results(most=50)
        self._client.results(search="boat ball", most=20)

    def refused(self) -> None:
        """A job that can't be done."""
        with suppress(Refusal):
            list(self._order(model="nowhere").follow(self._client))

    def come_again(self) -> None:
        """Close the editor, and open it again."""
        self._client.close()
        self._client = self._connect()

    def _order(self, **more: object) -> Order:
        capability = self._chance.choice(("fill", "fill", "refine", "generate"))
        steps = self._chance.choice((2, 4, 8, 16))
        fields = {"steps": steps, "count": self._chance.choice((1, 1, 1, 2, 4)), **more}
        words = self._chance.choice(("a boat", "a ball", "a red ball on a boat"))
        order = Order(words, self._chance.choice(SIDES), capability, **fields)
        order.capability = capability
        return order


WORK: dict[str, tuple[Callable[[Artist], None], int]] = {
    "jobs painted and fetched": (Artist.paint, 40),
    "jobs stopped": (Artist.stop_one, 10),
    "quotes": (Artist.ask, 60),
    "looks at recent results": (Artist.look, 5),
    "jobs refused": (Artist.refused, 3),
    "editors opened anew": (Artist.come_again, 3),
}
