"""Messages that hypothesis makes from the schema, and values of any shape put into them."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import Any

import msgpack
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from bottega_protocol.codec import CONTROL, decode
from bottega_protocol.errors import ProtocolError
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

from .fuzz_codec import Tally
from .fuzz_mutants import NAMES

LONG = 40
"""Of texts and bytes: longer ones are the mutants' business."""

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | st.text(max_size=9)
    | st.binary(max_size=40),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def wire_of(kind: Any) -> st.SearchStrategy[Any]:
    """Wire values that a kind allows by itself."""
    if isinstance(kind, Maybe):
        return st.none() | wire_of(kind.kind)
    made: st.SearchStrategy[Any] = MAKERS[type(kind)](kind)
    return made


@cache
def _fields(record: type[Record]) -> st.SearchStrategy[dict[str, Any]]:
    kinds = {column.name: wire_of(column.kind) for column in columns(record)}
    needed = {column.name: kinds[column.name] for column in columns(record) if column.required}
    others = {name: kinds[name] for name in kinds if name not in needed}
    return st.fixed_dictionaries(needed, optional=others)


MAKERS: dict[type, Any] = {
    Whole: lambda kind: st.integers(kind.least, kind.most),
    Real: lambda kind: st.floats(kind.least, kind.most),
    Flag: lambda _: st.booleans(),
    Text: lambda kind: st.text(min_size=kind.least, max_size=min(kind.most, kind.least + LONG)),
    Raw: lambda kind: st.binary(min_size=kind.least, max_size=min(kind.most, kind.least + LONG)),
    Choice: lambda kind: st.sampled_from(kind.words),
    Several: lambda kind: st.lists(
        wire_of(kind.kind), min_size=kind.least, max_size=kind.least + 2
    ),
    Nested: lambda kind: _fields(kind.record),
    OneOf: lambda kind: st.one_of(
        [
            _fields(record).map(lambda fields, name=name: {kind.tag: name, **fields})
            for name, record in kind.records
        ]
    ),
}


@st.composite
def frames(draw: Any) -> bytes:
    """A control frame by the schema's grammar; every third with any value at any of its keys."""
    name = draw(st.sampled_from(sorted(NAMES)))
    message = {"type": name, **draw(_fields(NAMES[name]))}
    if draw(st.integers(0, 2)) == 0:
        message[draw(st.sampled_from(sorted(message)))] = draw(ANYTHING)
    return bytes((CONTROL,)) + bytes(msgpack.packb(message))


def fuzz_grammar(count: int, number: int) -> Tally:
    """Decode so many; a crash is an error that hypothesis shrinks and shows."""
    tally = Tally()

    @seed(number)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(frames())
    def takes(frame: bytes) -> None:
        tally.inputs += 1
        with suppress(ProtocolError):
            decode(frame, NAMES, 1)
            tally.passed += 1

    try:
        takes()
    except Exception as error:  # noqa: BLE001  # a crash is what is looked for
        tally.crashes.append(f"{type(error).__name__} {error!s:.400}")
    return tally
