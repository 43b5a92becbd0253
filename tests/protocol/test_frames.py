"""Frames from strangers: no crash, no bomb, whatever they hold."""

import random
import subprocess
import sys
import time
import tracemalloc
import zlib
from contextlib import suppress
from pathlib import Path

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st
from protocol_examples import EXAMPLES, JOB

from bottega_protocol.codec import (
    CHUNK,
    CONTROL,
    DEFLATED,
    MOST_CHUNK,
    MOST_CONTROL,
    Chunk,
    decode,
    encode_chunk,
    encode_message,
)
from bottega_protocol.errors import BadMessage, ProtocolError, TooLarge
from bottega_protocol.messages import CLIENT_MESSAGES, SERVER_MESSAGES, JobSummary, Results

NAMES = CLIENT_MESSAGES | SERVER_MESSAGES
FRAMES = [encode_message(example, NAMES, 1) for example in EXAMPLES.values()]
MUTATIONS = 100_000


def mutate(frame, chance):
    """Flip, cut, double, insert or splice bytes."""
    data = bytearray(frame)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(data) + 1)
        match chance.randrange(5):
            case 0 if place < len(data):
                data[place] = chance.randrange(256)
            case 1:
                del data[place:]
            case 2:
                data[place:place] = data[place : place + chance.randrange(64)]
            case 3:
                data[place:place] = chance.randbytes(chance.randrange(9))
            case _:
                other = chance.choice(FRAMES)
                data[place:] = other[chance.randrange(len(other)) :]
        if not data:
            data = bytearray(1)
    return bytes(data)


ODD = (None, True, -1, 2**64 - 1, 0.5, float("nan"), "\0", "word", b"x", [], [[]], {}, {"a": []})


def twisted(value):
    """A message's map with one value in it, at any depth, replaced by each odd one."""
    yield from ODD
    keys = list(value) if isinstance(value, dict) else []
    for key in keys or range(len(value) if isinstance(value, list) else 0):
        for odd in twisted(value[key]):
            copy = value.copy()
            copy[key] = odd
            yield copy


@pytest.mark.parametrize("name", EXAMPLES)
def test_any_value_in_any_place_is_a_message_or_a_fault(name):
    """Byte by byte such frames hardly ever come up: a list where a name is due, say."""
    taken = []
    for odd in twisted(msgpack.unpackb(encode_message(EXAMPLES[name], NAMES, 1)[1:])):
        with suppress(ProtocolError):
            taken.append(decode(bytes((CONTROL,)) + msgpack.packb(odd), NAMES, 1))
    assert all(type(message) is type(EXAMPLES[name]) for message in taken)


def test_a_hundred_thousand_mutated_frames_crash_nothing():
    """A frame is a message or a ProtocolError, nothing else."""
    chance = random.Random(20261120)
    legal = 0
    for _ in range(MUTATIONS):
        frame = mutate(chance.choice(FRAMES), chance)
        with suppress(ProtocolError):
            decode(frame, NAMES, 1)
            legal += 1
    # Both ways must have been walked, or the mutations were too wild or too tame.
    assert MUTATIONS // 100 < legal < MUTATIONS // 2


@given(st.binary(max_size=4096))
def test_random_bytes_are_refused_in_order(data):
    """Also bytes that no message ever looked like."""
    for first in (CONTROL, CHUNK, DEFLATED):
        with suppress(ProtocolError):
            decode(bytes((first,)) + data, NAMES, 1)


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1), st.binary(min_size=1, max_size=999))
def test_a_chunk_comes_back_as_it_was(transfer, offset, data):
    """Header and content of a chunk survive the wire."""
    chunk = Chunk(transfer, offset, data)
    assert decode(encode_chunk(chunk), NAMES, 1) == chunk


@given(st.binary(min_size=1, max_size=999), st.integers(1, MOST_CHUNK))
def test_a_deflated_chunk_comes_back_as_it_was(data, length):
    """Also one of full length."""
    for content in (data, data[:1] * length):
        chunk = Chunk(7, 9, content)
        assert decode(encode_chunk(chunk, zlib.compress(content, 1)), NAMES, 1) == chunk


@pytest.mark.parametrize(
    "deflated",
    [
        zlib.compress(bytes(MOST_CHUNK + 1)),
        zlib.compress(bytes(2**28)),
        zlib.compress(b""),
        zlib.compress(b"abc")[:-1],
        zlib.compress(b"abc") + b"x",
        b"abc",
    ],
    ids=["too much", "a bomb", "nothing", "cut", "with more", "no stream"],
)
def test_what_is_no_deflated_chunk_is_refused(deflated):
    """Without inflating more than a chunk."""
    frame = encode_chunk(Chunk(1, 0, b"x"), deflated)
    tracemalloc.start()
    with pytest.raises(ProtocolError):
        decode(frame, NAMES, 1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**20 + len(frame)


def test_frames_over_their_cap_are_refused_before_decoding():
    """The cap of a frame depends on its first byte alone."""
    with pytest.raises(TooLarge):
        decode(encode_chunk(Chunk(1, 0, bytes(MOST_CHUNK + 1))), NAMES, 1)
    with pytest.raises(TooLarge):
        decode(bytes(MOST_CONTROL + 1), NAMES, 1)
    with pytest.raises(BadMessage):
        decode(b"", NAMES, 1)
    with pytest.raises(BadMessage):
        decode(b"\3abc", NAMES, 1)


ROOM = MOST_CONTROL - 1
BOMBS = {
    "empty maps": b"\xdd" + (ROOM - 5).to_bytes(4, "big") + b"\x80" * (ROOM - 5),
    "nils": b"\xdd" + (ROOM - 5).to_bytes(4, "big") + b"\xc0" * (ROOM - 5),
    "nested lists": b"\x91" * ROOM,
    "nested maps": (b"\x81\xa1a" * (ROOM // 3)),
    "a list that claims 2^32-1": b"\xdd\xff\xff\xff\xff" + b"\xc0" * 100,
    "a map that claims 2^32-1": b"\xdf\xff\xff\xff\xff" + b"\xc0" * 100,
    "bytes that claim 4 GiB": b"\xc6\xff\xff\xff\xff" + b"x" * 100,
    "lists of lists of maps": (b"\x9f" + (b"\xdc\x0f\x00" + b"\x80" * 3840) * 15)[:ROOM],
    "one map of many keys": b"\xde\xff\xff"
    + b"".join(msgpack.packb(f"{n:04x}") + b"\xc0" for n in range(10_000))[: ROOM - 3],
    "extension types": b"\xdc\x40\x00" + b"\xc7\x00\x01" * 16_000,
    "strings": b"\xdc\x0f\xff" + b"\xa1a" * 4095 + b"\xc0" * 10,
}


def heaviest_legal():
    """The legal frame that costs most for its length: a full page of results."""
    summary = JobSummary(JOB, "d" * 200, "fill", "p" * 120, "finished", 1.7e9, fetched=True)
    return encode_message(Results(1, (summary,) * 100), NAMES, 1)


def cost(frame, times=20):
    """Instructions would be better; the least of several processor times is steady enough."""
    least = float("inf")
    for _ in range(times):
        began = time.process_time()
        with suppress(ProtocolError):
            decode(frame, NAMES, 1)
        least = min(least, time.process_time() - began)
    return least


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_costs_no_more_than_a_heavy_legal_frame(name):
    """At most three times the heaviest legal frame, scaled to the same length, and 32 MB."""
    bomb = bytes((CONTROL,)) + BOMBS[name]
    assert len(bomb) <= MOST_CONTROL
    legal = heaviest_legal()
    allowed = 3 * cost(legal) * max(1.0, len(bomb) / len(legal))
    assert cost(bomb) <= allowed
    tracemalloc.start()
    with pytest.raises(ProtocolError):
        decode(bomb, NAMES, 1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak <= 32 * 2**20


def test_the_pure_python_decoder_refuses_the_same_bombs():
    """What plug-ins carry has no compiled msgpack."""
    code = (
        "import sys, os; sys.path.insert(0, sys.argv[1]); import test_frames as t, msgpack\n"
        "assert msgpack.Unpacker.__module__ == 'msgpack.fallback', msgpack.Unpacker.__module__\n"
        "for name, bomb in t.BOMBS.items():\n"
        "    try: t.decode(b'\\0' + bomb, t.NAMES, 1)\n"
        "    except t.ProtocolError: continue\n"
        "    raise SystemExit(name)\n"
    )
    here = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", code, str(here)],
        env={"MSGPACK_PUREPYTHON": "1", "PYTHONPATH": str(here.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
