"""Both ends joined in memory by a line that harms, doubles, drops and swaps frames."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import replace

from fakes.orders import FOUR_BYTES
from protocol_examples import EXAMPLES

from bottega_protocol.errors import ProtocolError
from bottega_protocol.messages import CLIENT_MESSAGES, SERVER_MESSAGES, Announce, Stopped
from bottega_protocol.session import ClientSession, ServerSession, Session

from .fuzz_codec import TOKEN, VERIFIER, Talker, Tally, hurrying, resident
from .fuzz_mutants import Mutants

HARM = 0.3
"""How many of the frames on the line are harmed."""

TOO_LONG = replace(
    EXAMPLES["submit"],
    document=200 * FOUR_BYTES,
    request=replace(
        EXAMPLES["submit"].request,
        prompt=8000 * FOUR_BYTES,
        negative=8000 * FOUR_BYTES,
        model=60 * FOUR_BYTES,
        sampler=60 * FOUR_BYTES,
    ),
)
"""More than a control frame holds, though no field is too long by itself."""

SIZES = (1, 5_000, 70_000)


def fuzz_pairs(count: int, chance: random.Random) -> Tally:
    """Until so many frames were harmed: whole conversations from the first hello on."""
    tally = Tally()
    streams = (Mutants(chance, CLIENT_MESSAGES), Mutants(chance, SERVER_MESSAGES))
    while tally.inputs < count:
        token = TOKEN if chance.random() < 0.9 else "guessed"
        client = ClientSession(token, "local", "test", now=hurrying(chance))
        server = ServerSession(lambda _: VERIFIER, "studio", "test", now=hurrying(chance))
        ends = (
            Talker(client, SERVER_MESSAGES, streams[0]),
            Talker(server, CLIENT_MESSAGES, streams[1]),
        )
        _converse(ends, chance, tally)
        if len(tally.memory) * max(1, count // 20) <= tally.inputs:
            tally.memory.append(resident())
    return tally


def _converse(ends: tuple[Talker, Talker], chance: random.Random, tally: Tally) -> None:
    for turn in range(120):
        sender, receiver = ends[turn % 2], ends[1 - turn % 2]
        try:
            with suppress(ProtocolError):
                _say(sender.session, chance)
            for frame in _on_the_line(sender, chance, tally):
                with suppress(ProtocolError):
                    receiver.take(frame)
        except Exception as error:  # noqa: BLE001  # a crash is what is looked for
            tally.crashes.append(f"{type(error).__name__} {error!s:.100}")
            return
        if sender.session.closed and receiver.session.closed:
            return


def _on_the_line(sender: Talker, chance: random.Random, tally: Tally) -> list[bytes]:
    frame = sender.session.next_frame()
    if frame is None:
        return []
    if chance.random() > HARM:
        return [frame]
    tally.inputs += 1
    mutant = sender._mutants.next()[1]
    place = chance.randrange(len(frame))
    harmed = frame[:place] + bytes((chance.randrange(256),)) + frame[place + 1 :]
    return chance.choice(([], [frame, frame], [mutant, frame], [harmed], [mutant], [frame[:place]]))


def _say(session: Session, chance: random.Random) -> None:
    """Something of its own, as a program does that knows what it wants."""
    dice = chance.random()
    transfer = chance.randrange(12)
    if isinstance(session, ServerSession) and dice < 0.1 and session.account != "local":
        raise AssertionError("a stranger was let in")
    if not session.open and dice < 0.9:
        return
    if dice < 0.3 and session.backlog < 9:
        for number in range(chance.choice((1, 1, 1, 1, 1, 1, 1, 9))):
            announce = Announce(transfer + number, bytes(32), chance.choice(SIZES))
            session.send_blob(announce, lambda _, length: bytes(length))
    elif dice < 0.35:
        session.stop(Stopped(transfer, "not-wanted", "no"))
    elif dice < 0.5:
        mine = [record for record in EXAMPLES.values() if type(record) in session._mine.values()]
        session.send(chance.choice(mine))
    elif dice < 0.51 and isinstance(session, ClientSession):
        session.send(TOO_LONG)
    elif dice < 0.52:
        session.send(EXAMPLES["hello" if isinstance(session, ClientSession) else "challenge"])
    elif dice > 0.95:
        session.send(EXAMPLES["follow" if isinstance(session, ClientSession) else "queued"])
