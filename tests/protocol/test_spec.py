"""SPEC.md names everything that may stand on the wire."""

from pathlib import Path

import pytest

from bottega_protocol.messages import CLIENT_MESSAGES, SERVER_MESSAGES
from bottega_protocol.schema import Maybe, Nested, OneOf, Several, columns

SPEC = (Path(__file__).parent.parent.parent / "protocol" / "SPEC.md").read_text(encoding="utf-8")


def records(kind):
    """The records that a field kind can hold."""
    if isinstance(kind, Nested):
        return [kind.record]
    if isinstance(kind, OneOf):
        return [record for _, record in kind.records]
    return records(kind.kind) if isinstance(kind, (Maybe, Several)) else []


def fields(record):
    """Every field name that a message can carry, those of nested records too."""
    for column in columns(record):
        yield column.name
        for inner in records(column.kind):
            yield from fields(inner)


@pytest.mark.parametrize("name", CLIENT_MESSAGES | SERVER_MESSAGES)
def test_every_message_and_field_stands_in_the_spec(name):
    """Someone who reads only SPEC.md misses nothing."""
    record = (CLIENT_MESSAGES | SERVER_MESSAGES)[name]
    assert f"`{name}`" in SPEC
    missing = [field for field in fields(record) if f"`{field}`" not in SPEC]
    assert not missing
