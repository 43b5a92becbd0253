"""Millions of frames against the codec and both ends of a session, in one process."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import psutil

from bottega_protocol.codec import Chunk, decode, encode_message
from bottega_protocol.errors import BottegaError, ProtocolError
from bottega_protocol.messages import (
    CLIENT_MESSAGES,
    SERVER_MESSAGES,
    Announce,
    Challenge,
    Fetch,
    Grant,
    Hello,
    Proof,
    Stopped,
    Stored,
    Welcome,
)
from bottega_protocol.schema import Record
from bottega_protocol.scram import make_verifier
from bottega_protocol.session import ClientSession, ServerSession, Session
from bottega_protocol.transfers import MOST_TRANSFERS

from .fuzz_mutants import NAMES, Mutants, heaviest

TOKEN = "a token of the artist's own"  # noqa: S105  # a test's
VERIFIER = make_verifier(TOKEN, b"salt of the account", 1)
AGAIN = 15
"""How often an input that seemed slow is measured anew: the least counts."""


@dataclass
class Tally:
    """What a stretch of inputs gave."""

    inputs: int = 0
    passed: int = 0
    mutants: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    crashes: list[str] = field(default_factory=list)
    slowest: float = 0.0
    """Of what the heaviest legal frame takes."""
    memory: list[int] = field(default_factory=list)
    """Resident bytes, every twentieth of the way."""


def resident() -> int:
    """Bytes of this process in memory."""
    return psutil.Process(os.getpid()).memory_info().rss


def cost(work: Callable[[], object], times: int = AGAIN) -> float:
    """Seconds of this thread's processor time, the least of several."""
    least = float("inf")
    for _ in range(times):
        begun = time.thread_time()
        with suppress(ProtocolError):
            work()
        least = min(least, time.thread_time() - begun)
    return least


def fuzz_codec(count: int, chance: random.Random) -> Tally:
    """Decode so many frames; all but ProtocolError is a crash."""
    tally, mutants = Tally(), Mutants(chance, NAMES)
    legal = cost(lambda: decode(heaviest(), NAMES, 1), 50)
    for number in range(count):
        making, frame = mutants.next()
        begun = time.thread_time()
        _decode(frame, making, tally)
        if time.thread_time() - begun > tally.slowest * legal:
            least = cost(lambda frame=frame: decode(frame, NAMES, 1))  # type: ignore[misc]
            tally.slowest = max(tally.slowest, least / legal)
        if number % max(1, count // 20) == 0:
            tally.memory.append(resident())
    tally.inputs = count
    return tally


def _decode(frame: bytes, making: str, tally: Tally) -> None:
    tally.kinds[making] += 1
    tally.mutants += making != "random"
    try:
        decode(frame, NAMES, 1)
    except ProtocolError:
        return
    except Exception as error:  # noqa: BLE001  # a crash is what is looked for
        tally.crashes.append(f"{type(error).__name__} {error!s:.80}: {frame[:200].hex()}")
        return
    tally.passed += making != "random"


class Talker:
    """One end of a conversation that is fed mutants, and answers as the product would."""

    def __init__(self, session: Session, theirs: dict[str, type[Record]], mutants: Mutants) -> None:
        self.session = session
        self._theirs = theirs
        self._mutants = mutants

    def frame(self, chance: random.Random) -> bytes:
        """What comes next: something odd, or what keeps a transfer going, nearly."""
        dice = chance.random()
        if dice < 0.5:
            return self._mutants.next()[1]
        if dice < 0.7 and self.session._incoming:
            transfer, incoming = chance.choice(list(self.session._incoming.items()))
            return self._mutants.chunk(transfer, incoming.offset, chance.choice((1, 99, 0)))
        if dice < 0.85 and self.session._outgoing:
            return self._encode(self._grant(chance))
        return self._encode(self._step(chance))

    def _grant(self, chance: random.Random) -> Record:
        transfer, outgoing = chance.choice(list(self.session._outgoing.items()))
        until = chance.choice((outgoing._until, outgoing.announce.size, chance.randrange(2**18)))
        return Grant(transfer, until, min(until, chance.choice((0, 0, 9))), zlib=True)

    def _step(self, chance: random.Random) -> Record:
        transfer = chance.randrange(10)
        steps = (
            Announce(transfer, bytes(32), chance.choice((1, 99, 2**18))),
            Fetch(transfer, bytes(32), chance.choice((0, 50, 2**40))),
            Stored(transfer), Stopped(transfer, "not-wanted", "no"),
            Hello((1,), "local", bytes(24)), Proof(bytes(32)),
            Challenge(1, bytes(48), bytes(32), 4096), Welcome(bytes(32), "studio"),
        )  # fmt: skip
        fit = [step for step in steps if type(step) in self._theirs.values()]
        return chance.choice(fit)

    def _encode(self, message: Record) -> bytes:
        return encode_message(message, self._theirs, 1)

    def take(self, frame: bytes) -> None:
        """Let it in, and do what the product does about it."""
        for event in self.session.receive(frame):
            with suppress(ProtocolError):
                self._answer(event)

    def _answer(self, event: object) -> None:
        if isinstance(event, Announce):
            self.session.accept(event, 1 if event.size > 50 else 0)
        elif isinstance(event, Fetch):
            offer = Announce(event.transfer, event.sha256, 100_000)
            self.session.send_blob(offer, lambda _, length: bytes(length))
        elif isinstance(event, Chunk):
            self.session.used(event.transfer, len(event.data))
            if self.session.complete(event.transfer):
                self.session.stored(event.transfer)
        elif isinstance(event, Stopped):
            self.session.stop(event)


def fuzz_sessions(count: int, chance: random.Random) -> Tally:
    """Conversations with both ends, each to its end, until so many frames were sent."""
    tally = Tally()
    ends = ((_server, CLIENT_MESSAGES), (_client, SERVER_MESSAGES))
    streams = [Mutants(chance, names) for _, names in ends]
    while tally.inputs < count:
        number = chance.randrange(2)
        make, theirs = ends[number]
        talker = Talker(make(chance), theirs, streams[number])
        _converse(talker, chance, tally)
        if len(tally.memory) * max(1, count // 20) <= tally.inputs:
            tally.memory.append(resident())
    return tally


def _converse(talker: Talker, chance: random.Random, tally: Tally) -> None:
    session = talker.session
    for _ in range(200):
        frame = talker.frame(chance)
        tally.inputs += 1
        try:
            talker.take(frame)
            while session.next_frame() is not None and chance.random() < 0.8:
                pass
        except BottegaError as error:
            if not isinstance(error, ProtocolError) or not session.closed:
                tally.crashes.append(f"{error.code} left it open: {frame[:200].hex()}")
        except Exception as error:  # noqa: BLE001  # a crash is what is looked for
            tally.crashes.append(f"{type(error).__name__} {error!s:.80}: {frame[:200].hex()}")
            return
        if session.closed:
            return
        tally.passed += 1
        if max(len(session._incoming), len(session._outgoing)) > MOST_TRANSFERS:
            tally.crashes.append("more transfers than may be")
            return


def _server(chance: random.Random) -> Session:
    """A server's end: in the middle of the handshake, or open."""
    session = ServerSession(lambda _: VERIFIER, "studio", "test", now=hurrying(chance))
    return _open(session, chance)


def hurrying(chance: random.Random) -> Callable[[], float]:
    """A clock by which the line is fast at times, and slow at others."""
    now = 0.0

    def tell() -> float:
        nonlocal now
        now += chance.choice((0.0001, 0.0001, 0.01, 3.0))
        return now

    return tell


def _client(chance: random.Random) -> Session:
    session = ClientSession(TOKEN, "local", "test", now=hurrying(chance))
    return _open(session, chance)


def _open(session: Session, chance: random.Random) -> Session:
    if chance.random() < 0.9:
        session.open = True
        session.version = 1
    return session
