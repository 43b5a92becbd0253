"""Frames of a client that has proved itself, and then says anything, against a real server."""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import psutil
from fakes.orders import Order
from fakes.served import Served
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from bottega_protocol.codec import CONTROL, MOST_CHUNK, MOST_FRAME, decode, encode_message
from bottega_protocol.errors import ProtocolError
from bottega_protocol.images import Layout
from bottega_protocol.messages import (
    CLIENT_MESSAGES,
    Announce,
    AskQuote,
    AskResults,
    Finished,
    Quote,
)
from bottega_protocol.regions import Rectangle, Size
from bottega_protocol.schema import Record
from bottega_protocol.session import ClientSession

from .fuzz_codec import Tally
from .fuzz_mutants import Mutants

PATIENCE = 60.0
"""Seconds for an answer, on a busy machine."""

PROBE = Size(999, 999)
PROBED = Rectangle(9, 9, 9, 9)


class Caller:
    """A connection that has proved itself. Frames go past its session."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._number = 2**31
        self.closed = False
        self._socket: ClientConnection = connect(
            served.url, compression=None, max_size=MOST_FRAME, proxy=None
        )
        self.session = ClientSession(served.token, "local", "fuzz")
        while not self.session.open:
            while (frame := self.session.next_frame()) is not None:
                self._socket.send(frame)
            self.session.receive(self._heard())

    def say(self, frame: bytes) -> bool:
        """Send it, then ask something; whether the server still answers, rather than hang up."""
        self._number += 1
        question = AskQuote(self._number, "fill", PROBE, PROBED, Layout("RGBA", "u8"))
        try:
            self._socket.send(frame)
            self._socket.send(encode_message(question, CLIENT_MESSAGES, 1))
            while not self._answered(self._heard()):
                pass
        except WebSocketException:
            self.closed = True
        return not self.closed

    def _answered(self, frame: bytes) -> bool:
        """Whether this is the quote. What else comes belongs to transfers that nobody began."""
        if frame[0] != CONTROL:
            return False
        message = decode(frame, self.session._theirs, 1)
        return isinstance(message, Quote) and message.request == self._number

    def _heard(self) -> bytes:
        frame = self._socket.recv(timeout=PATIENCE)
        return frame if isinstance(frame, bytes) else frame.encode()

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


class Watch:
    """The processor time of the server's event loop, in seconds: its main thread's."""

    def __init__(self, pid: int) -> None:
        self._file = Path(f"/proc/{pid}/task/{pid}/schedstat")
        self._process = psutil.Process(pid)

    def seconds(self) -> float:
        """So far."""
        if self._file.exists():
            return int(self._file.read_text().split()[0]) / 1e9
        times = self._process.cpu_times()
        return float(times.user + times.system)

    def memory(self) -> int:
        """Resident bytes."""
        return int(self._process.memory_info().rss)

    def cost(self, work: Callable[[], object]) -> float:
        """What something costs the server."""
        before = self.seconds()
        work()
        return self.seconds() - before


def fuzz_live(served: Served, count: int, chance: random.Random) -> tuple[Tally, float]:
    """Say so many odd frames; gives what came of it, and the heaviest legal frame's seconds."""
    tally, mutants = Tally(), Mutants(chance, CLIENT_MESSAGES)
    watch = Watch(served.process.pid)
    legal = heaviest(served, watch)
    worst = 0.0
    with _caller(served) as line:
        for number in range(count):
            making, frame = mutants.next()
            spent = watch.cost(partial(line.say, frame))
            tally.kinds[making] += 1
            tally.mutants += making != "random"
            tally.passed += making != "random" and passes(frame)
            if spent > worst:  # something else may have been meant: only what comes again counts
                worst = max(worst, min(spent, *(_anew(served, watch, frame) for _ in range(4))))
            if line.closed:
                line = _renewed(line, served)  # noqa: PLW2901  # the next conversation
            if number % max(1, count // 20) == 0:
                tally.memory.append(watch.memory())
    tally.inputs, tally.slowest = count, worst / legal
    return tally, legal


def passes(frame: bytes) -> bool:
    """Whether the codec lets it through."""
    with suppress(ProtocolError):
        decode(frame, CLIENT_MESSAGES, 1)
        return True
    return False


@contextmanager
def _caller(served: Served) -> Iterator[Caller]:
    line = Caller(served)
    yield line
    line.close()


def _renewed(line: Caller, served: Served) -> Caller:
    line.close()
    return Caller(served)


def _anew(served: Served, watch: Watch, frame: bytes) -> float:
    """What the frame costs on a line of its own."""
    with _caller(served) as line:
        line.say(b"\0" + struct.pack("<B", 0x80))  # an empty map ends it; the next is as warm
    with _caller(served) as line:
        return watch.cost(lambda: line.say(frame))


def heaviest(served: Served, watch: Watch) -> float:
    """Seconds of the server for the legal frame that costs it most, the median of several.

    Among them a job that needs no pixels: it is accepted, written down, begun and told of.
    """
    words = {"prompt": "(a:1.1) " * 900, "negative": "[b] " * 1900}
    legal: tuple[Callable[[], Record], ...] = (
        lambda: Order(**words).submit,
        lambda: Order(**words, capability="generate", selected=False).submit,
        lambda: AskResults(1, 0, 100, "a b c d e"),
        lambda: Announce(1, bytes(32), MOST_CHUNK),
    )
    found = []
    for make in legal:
        frames = [encode_message(make(), CLIENT_MESSAGES, 1) for _ in range(15)]
        with _caller(served) as line:
            costs = sorted(watch.cost(partial(line.say, frame)) for frame in frames)
            found.append(costs[len(costs) // 2])
    return max(found)


def still_works(served: Served) -> bool:
    """Whether an honest client gets its picture, in spite of all."""
    client, order = served.client(), Order(side=64)
    finished = list(order.follow(client))[-1]
    return (
        isinstance(finished, Finished)
        and client.fetch(finished.result.layers[0].pixels) == order.negative
    )
