"""Frames that nobody should send: random ones, harmed ones, and ones that follow the grammar.

The grammar is the schema's own: every place of every example message is known with its kind, and
gets values at and just beyond the kind's bounds, or of another kind altogether.
"""

from __future__ import annotations

import random
import zlib
from dataclasses import dataclass
from typing import Any

import msgpack
from protocol_examples import EXAMPLES

from bottega_protocol.codec import (
    CHUNK,
    CHUNK_HEADER,
    CONTROL,
    DEFLATED,
    MOST_CHUNK,
    MOST_CONTROL,
    encode_message,
)
from bottega_protocol.messages import CLIENT_MESSAGES, SERVER_MESSAGES
from bottega_protocol.schema import (
    Choice,
    Flag,
    Maybe,
    Nested,
    OneOf,
    Raw,
    Real,
    Record,
    Several,
    Text,
    Whole,
    columns,
)

NAMES = CLIENT_MESSAGES | SERVER_MESSAGES
ODD: tuple[Any, ...] = (
    None, True, -1, 2**63, 0.5, float("nan"), float("-inf"), "\0", "word", b"x", [], [[]], {},
    {"type": 1}, [0] * 99, "\N{PILE OF POO}" * 50, 2**40, -(2**31), "", b"",
)  # fmt: skip
MANY = (
    b"\x00" * (MOST_CONTROL + 1), msgpack.packb([1, 2]), msgpack.packb({"a": [[None] * 1500] * 3}),
)  # fmt: skip
NESTING = (
    *MANY, b"\x91" * 2000, b"\x81\xa1a" * 700, b"\xdd\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff",
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A value in a message: the keys that lead to it, and its kind (None: the message's name)."""

    keys: tuple[str | int, ...]
    kind: Any


def places_of(record: Record, before: tuple[str | int, ...] = ()) -> list[Place]:
    """Every value in a record, at any depth."""
    found = []
    for column in columns(type(record)):
        found += _places(column.kind, getattr(record, column.name), (*before, column.name))
    return found


def _places(kind: Any, value: Any, keys: tuple[str | int, ...]) -> list[Place]:
    here = [Place(keys, kind)]
    inner = kind.kind if isinstance(kind, Maybe) else kind
    if isinstance(value, Record):
        return here + places_of(value, keys)
    if isinstance(value, tuple) and isinstance(inner, Several):
        for index, entry in enumerate(value):
            here += _places(inner.kind, entry, (*keys, index))
    return here


def near(kind: Any, value: Any, chance: random.Random) -> Any:
    """A wire value for a place of this kind: most often legal, at its bounds or just beyond."""
    if isinstance(kind, Maybe):
        return None if chance.random() < 0.3 else near(kind.kind, value, chance)
    make = MAKERS.get(type(kind))
    return chance.choice(ODD) if make is None else make(kind, value, chance)


def _whole(kind: Whole, _: Any, chance: random.Random) -> Any:
    inside = chance.randint(kind.least, kind.most)
    edges = (kind.least, kind.most, inside, inside, kind.least - 1, kind.most + 1)
    return max(-(2**63), min(2**64 - 1, chance.choice(edges)))


def _real(kind: Real, _: Any, chance: random.Random) -> Any:
    edges = (kind.least, kind.most, chance.uniform(kind.least, kind.most), 1, kind.most * 2 + 1)
    return chance.choice(edges)


def _text(kind: Text, value: Any, chance: random.Random) -> Any:
    long = kind.most + chance.randrange(-1, 2) if kind.most < 4000 else chance.randrange(4000)
    texts = ("a" * kind.least, "ü" * min(long, 4000), "(a:1e9) {b|__c__} BREAK", "\x1b[2J", "a\0")
    return chance.choice((value, *texts)) if isinstance(value, str) else chance.choice(texts)


def _raw(kind: Raw, _: Any, chance: random.Random) -> Any:
    length = chance.choice((kind.least, kind.least, min(kind.most, 4096), kind.least - 1))
    return chance.randbytes(max(0, length))


def _choice(kind: Choice, _: Any, chance: random.Random) -> Any:
    return chance.choice((*kind.words, *kind.words, kind.words[0].upper()))


def _flag(_: Flag, __: Any, chance: random.Random) -> Any:
    return chance.choice((True, False, 1))


def _several(kind: Several, value: Any, chance: random.Random) -> Any:
    entries = value if isinstance(value, list) else []
    often = chance.choice((0, 1, 1, 2, kind.most // max(1, len(entries)) + 1))
    return (entries * often)[:200]


def _nested(_: Nested | OneOf, value: Any, chance: random.Random) -> Any:
    if not isinstance(value, dict) or not value:
        return chance.choice(ODD)
    key = chance.choice(list(value))
    return {name: entry for name, entry in value.items() if name != key}


MAKERS: dict[type, Any] = {
    Whole: _whole, Real: _real, Text: _text, Raw: _raw, Choice: _choice, Flag: _flag,
    Several: _several, Nested: _nested, OneOf: _nested,
}  # fmt: skip


class Mutants:
    """An endless stream of frames; `names` are the messages that they begin as."""

    def __init__(self, chance: random.Random, names: dict[str, type[Record]]) -> None:
        self._chance = chance
        examples = [record for record in EXAMPLES.values() if type(record) in names.values()]
        self._frames = [encode_message(record, NAMES, 1) for record in examples]
        self._maps = [msgpack.unpackb(frame[1:]) for frame in self._frames]
        self._places = [[Place(("type",), None), *places_of(record)] for record in examples]

    def random(self) -> bytes:
        """Bytes without sense, behind a first byte that has one."""
        first = bytes((self._chance.choice((CONTROL, CONTROL, CHUNK, DEFLATED, 3)),))
        if self._chance.random() < 0.02:
            return first + self._chance.choice(NESTING)
        return first + self._chance.randbytes(self._chance.choice((0, 3, 12, 13, 40, 400)))

    def harmed(self) -> bytes:
        """A legal frame with bytes flipped, cut, doubled, put in or spliced."""
        chance = self._chance
        data = bytearray(chance.choice(self._frames))
        for _ in range(chance.randint(1, 3)):
            place = chance.randrange(len(data) + 1)
            match chance.randrange(6):
                case 0 | 1 if place < len(data):
                    data[place] = chance.randrange(256)
                case 2:
                    del data[place:]
                case 3:
                    data[place:place] = data[place : place + chance.randrange(64)]
                case 4:
                    data[place:place] = chance.randbytes(chance.randrange(9))
                case _:
                    other = chance.choice(self._frames)
                    data[place:] = other[chance.randrange(len(other)) :]
        return bytes(data)

    def twisted(self) -> bytes:
        """A message with one value, or two, near the bounds of what its place may hold."""
        chance = self._chance
        number = chance.randrange(len(self._maps))
        message = self._maps[number]
        for _ in range(chance.choice((1, 1, 1, 2))):
            place = chance.choice(self._places[number])
            odd = chance.random() < 0.05
            message = _put(message, place, chance.choice(ODD) if odd else None, chance)
        if chance.random() < 0.03:
            message = {**message, chance.choice(("extra", "job", "type ", "")): chance.choice(ODD)}
        return bytes((CONTROL,)) + msgpack.packb(message)

    def chunk(self, transfer: int, offset: int, length: int = 0) -> bytes:
        """A chunk, deflated or not, with or without a flaw."""
        chance = self._chance
        data = bytes(length or chance.choice((1, 100, 4096, MOST_CHUNK, MOST_CHUNK + 1)))
        kind = chance.choice((CHUNK, CHUNK, DEFLATED))
        body = zlib.compress(data, 1) if kind == DEFLATED else data
        flaw = chance.randrange(12) if not length else 9
        if flaw == 0:
            body = body[: len(body) // 2]
        elif flaw == 1:
            body += b"x"
        elif flaw == 2:
            body = zlib.compress(bytes(2**21), 1)
        return CHUNK_HEADER.pack(kind, transfer, offset) + body

    def next(self) -> tuple[str, bytes]:
        """One frame, and of which making."""
        dice = self._chance.random()
        if dice < 0.1:
            return "random", self.random()
        if dice < 0.3:
            return "harmed", self.harmed()
        if dice < 0.97:
            return "twisted", self.twisted()
        offset = self._chance.choice((0, 0, 1, 2**40))
        return "chunks", self.chunk(self._chance.randrange(9), offset)


def _put(message: Any, place: Place, odd: Any, chance: random.Random) -> Any:
    """A copy of a message with another value in one place, which may be gone already."""
    copy = dict(message)
    here = copy
    for key in place.keys[:-1]:
        inner = here.get(key) if isinstance(here, dict) else _entry(here, key)
        if not isinstance(inner, (dict, list)):
            return copy
        here[key] = inner = inner.copy()  # type: ignore[index]
        here = inner
    last = place.keys[-1]
    before = here.get(last) if isinstance(here, dict) else _entry(here, last)
    if isinstance(here, dict) or before is not None:
        here[last] = near(place.kind, before, chance) if odd is None else odd  # type: ignore[index]
    return copy


def _entry(entries: list[Any], index: Any) -> Any:
    return entries[index] if isinstance(index, int) and index < len(entries) else None


def heaviest() -> bytes:
    """The legal frame that costs most to take: as long as one may be, and full of values."""
    summaries = EXAMPLES["results"]
    entry = msgpack.unpackb(encode_message(summaries, NAMES, 1)[1:])
    (job,) = entry["jobs"]
    entry["jobs"] = [{**job, "prompt": "p" * 120, "document": "d" * 200} for _ in range(100)]
    return bytes((CONTROL,)) + msgpack.packb(entry)[:MOST_CONTROL]
