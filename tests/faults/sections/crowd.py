"""Five hundred idle editors and thirty-two busy ones on one server."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
from fakes.served import Served
from faults.given import Figures, Given
from faults.wide import wide
from websockets.asyncio.client import ClientConnection, connect

from bottega_client.launch import Address
from bottega_protocol.codec import MOST_FRAME
from bottega_protocol.session import ClientSession

from .soak_artist import Artist

IDLE = 500
ACTIVE = 32
SECONDS = 120.0
"""For which the busy ones work, as long without the idle ones as with them."""

AT_A_TIME = 20
"""Idle ones that come in at the same time."""

REST = 10.0
"""Seconds over which the server's own work for idle ones is measured."""

MOST_MEMORY = 256 * 1024
"""Bytes of the server for an idle connection."""

MOST_AT_REST = 0.25
"""Of one core, for all the idle ones: pings and no more."""


class Idle:
    """Editors that are open and do nothing: connections that have proved themselves."""

    def __init__(self, served: Served, count: int) -> None:
        self._served = served
        self._count = count
        self._over = asyncio.Event()
        self._in = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=[self._stay()])
        self.left = 0
        """How many are still there in the end."""

    @contextmanager
    def inside(self) -> Iterator[None]:
        """While this lasts they are connected."""
        self._thread.start()
        if not self._in.wait(300):
            raise TimeoutError("the idle ones do not get in")
        yield
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(60)

    async def _stay(self) -> None:
        turn = asyncio.Semaphore(AT_A_TIME)
        lines = await asyncio.gather(*(self._enter(turn) for _ in range(self._count)))
        self._in.set()
        await self._over.wait()
        self.left = sum(line.close_code is None for line in lines)
        await asyncio.gather(*(line.close() for line in lines))

    async def _enter(self, turn: asyncio.Semaphore) -> ClientConnection:
        async with turn:
            line = await connect(
                self._served.url, compression=None, max_size=MOST_FRAME, proxy=None, open_timeout=60
            )
            session = ClientSession(self._served.token, "local", "idle")
            while not session.open:
                while (frame := session.next_frame()) is not None:
                    await line.send(frame)
                answer = await line.recv()
                session.receive(answer if isinstance(answer, bytes) else answer.encode())
            return line


def run(given: Given) -> Figures:
    """Busy ones alone; then the idle ones come in; then both."""
    idle, active = given.count(IDLE, 50), given.count(ACTIVE, 4)
    seconds = max(5.0, SECONDS * given.share)
    with wide(given.folder) as served:
        server = psutil.Process(served.process.pid)
        alone = _busy(given, served, active, seconds)
        before = server.memory_info().rss
        crowd = Idle(served, idle)
        with crowd.inside():
            each = (server.memory_info().rss - before) / idle
            at_rest = _at_rest(server, max(2.0, REST * given.share))
            given.say(f"crowd: {idle} are in, {each / 1024:.0f} KB each")
            beside = _busy(given, served, active, seconds)
        traceback = "Traceback" in served.log()
    counts: dict[str, int | float | str] = {
        "idle": idle,
        "idle, still connected in the end": crowd.left,
        "active": active,
        "server's memory for an idle one, KB": round(each / 1024, 1),
        "server's load with the idle ones alone, of one core": round(at_rest, 3),
        **_told("without the idle ones", alone),
        **_told("beside the idle ones", beside),
    }
    broken = [*alone.broken, *beside.broken]
    broken += ["An idle one was thrown out."] if crowd.left < idle else []
    broken += [f"An idle one takes {each:.0f} bytes."] if each > MOST_MEMORY else []
    broken += [f"Idle ones take {at_rest:.2f} of a core."] if at_rest > MOST_AT_REST else []
    broken += ["The server's log has a traceback."] if traceback else []
    return Figures(counts, tuple(broken))


class Busy:
    """What the active ones did together."""

    def __init__(self, artists: list[Artist]) -> None:
        self.done = sum((artist.done for artist in artists), Counter[str]())
        self.quotes = sorted(wait for artist in artists for wait in artist.quotes)
        self.broken = [sentence for artist in artists for sentence in artist.broken]
        if any(artist.is_alive() for artist in artists):
            self.broken.append("An artist's thread hangs.")


def _busy(given: Given, served: Served, count: int, seconds: float) -> Busy:
    over = threading.Event()
    address = Address(served.url, served.token, "local")
    artists = [Artist(address, given.random("busy", number), over) for number in range(count)]
    for artist in artists:
        artist.start()
    over.wait(seconds)
    over.set()
    for artist in artists:
        artist.join(120)
    return Busy(artists)


def _at_rest(server: psutil.Process, seconds: float) -> float:
    """Of one core, what the server needs while nobody does anything."""
    before = server.cpu_times()
    time.sleep(seconds)
    now = server.cpu_times()
    return (now.user + now.system - before.user - before.system) / seconds


def _told(where: str, busy: Busy) -> dict[str, int | float | str]:
    waits = busy.quotes or [0.0]
    middle, late = waits[len(waits) // 2], waits[len(waits) * 99 // 100]
    return {
        f"{where}: pieces of work": sum(busy.done.values()),
        f"{where}: quote, median / 99 %, ms": f"{middle * 1e3:.1f} / {late * 1e3:.1f}",
    }
