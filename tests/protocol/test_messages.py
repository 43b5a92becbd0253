"""Messages check themselves, and their bytes are the ones that were promised."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from protocol_examples import EXAMPLES, JOB, NONCE, REQUEST

from bottega_protocol.codec import MOST_CONTROL, decode, encode_message
from bottega_protocol.errors import BadMessage, TooLarge
from bottega_protocol.handshake import Hello
from bottega_protocol.messages import CLIENT_MESSAGES, SERVER_MESSAGES, Submit
from bottega_protocol.schema import Record, Text, Whole, columns, wire

GOLDEN = Path(__file__).parent.parent / "golden"
NAMES = CLIENT_MESSAGES | SERVER_MESSAGES


def test_every_message_has_an_example():
    """No message escapes the golden files and the fuzzer."""
    assert {type(example) for example in EXAMPLES.values()} == set(NAMES.values())


@pytest.mark.parametrize("name", EXAMPLES)
def test_bytes_are_those_of_the_golden_file(name):
    """A message that is written differently than yesterday breaks the seats of a studio.

    After a change that is meant: delete the file, run the test, look at the difference.
    """
    frame = encode_message(EXAMPLES[name], NAMES, 1)
    golden = GOLDEN / f"{name}.bin"
    if not golden.exists():
        golden.write_bytes(frame)
        pytest.fail(f"{golden.name} was missing and has been written: look at it, commit it")
    assert frame == golden.read_bytes()
    assert decode(golden.read_bytes(), NAMES, 1) == EXAMPLES[name]


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_missing_required_field_is_named(name):
    """What is wrong, and where."""
    example = EXAMPLES[name]
    for column in columns(type(example)):
        fields = example.to_wire(1)
        del fields[column.name]
        if column.required:
            with pytest.raises(BadMessage, match=column.name):
                type(example).from_wire(fields, 1, name)
        else:
            type(example).from_wire(fields, 1, name)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_field_of_no_version_is_refused(name):
    """Typing errors of other clients show at once."""
    fields = {**EXAMPLES[name].to_wire(1), "colour": 1}
    with pytest.raises(BadMessage, match="colour"):
        type(EXAMPLES[name]).from_wire(fields, 1, name)


@pytest.mark.parametrize("wrong", [None, True, -1, 1.5, "x", b"x", [], {}, float("nan"), 2**70])
@pytest.mark.parametrize("name", EXAMPLES)
def test_a_value_of_the_wrong_kind_is_refused_or_harmless(name, wrong):
    """Whatever stands in a field: a legal message, or a BadMessage that names it."""
    example = EXAMPLES[name]
    for column in columns(type(example)):
        fields = {**example.to_wire(1), column.name: wrong}
        try:
            read = type(example).from_wire(fields, 1, name)
        except BadMessage as error:
            assert column.name in error.path or column.name in str(error)  # noqa: PT017
        else:
            assert type(read) is type(example)


def test_there_is_no_illegal_instance():
    """A record can't be made wrong, so nobody has to look again."""
    with pytest.raises(BadMessage, match="nonce"):
        Hello((1,), "local", b"short")
    moved = {**REQUEST.to_wire(1), "selection": {"x": 0, "y": 0, "width": 1, "height": 1}}
    with pytest.raises(BadMessage, match="rectangle"):
        type(REQUEST).from_wire(moved, 1)


def test_a_message_over_the_cap_is_not_sent():
    """Two prompts of emoji don't fit: the sender is told, not the peer."""
    texts = {"prompt": 8000, "negative": 8000, "model": 200, "sampler": 60}
    emoji = {name: "🎨" * length for name, length in texts.items()}
    request = type(REQUEST).from_wire({**REQUEST.to_wire(1), **emoji}, 1)
    submit = Submit(JOB, request, "🎨" * 200)
    assert len(encode_message(submit, NAMES, 1, most=2 * MOST_CONTROL)) > MOST_CONTROL
    with pytest.raises(TooLarge):
        encode_message(submit, NAMES, 1)
    with pytest.raises(TooLarge):
        decode(bytes(MOST_CONTROL + 1), NAMES, 1)


@dataclass(frozen=True)
class Newer(Record):
    """A record of a version to come."""

    count: int = wire(Whole(0, 9))
    pace: str = wire(Text(10), since=2, default="calm")


def test_a_newer_field_is_left_out_for_an_older_peer():
    """Ten mixed seats: what the peer does not know is not sent, and takes its default."""
    message = Newer(3, "fast")
    assert message.to_wire(1) == {"count": 3}
    assert message.to_wire(2) == {"count": 3, "pace": "fast"}
    assert Newer.from_wire({"count": 3}, 1) == Newer(3)
    with pytest.raises(BadMessage, match="pace"):
        Newer.from_wire({"count": 3, "pace": "fast"}, 1)


def records_in(value):
    """A record and every record inside it."""
    if isinstance(value, tuple):
        for entry in value:
            yield from records_in(entry)
    elif isinstance(value, Record):
        yield value
        for column in columns(type(value)):
            yield from records_in(getattr(value, column.name))


def test_the_examples_are_telling():
    """A field that is nowhere other than its default would hide that it is lost on the way."""
    optional, told = set(), set()
    for record in records_in(tuple(EXAMPLES.values())):
        kind = type(record)
        for column in columns(kind):
            if not column.required:
                optional.add((kind.__name__, column.name))
                if getattr(record, column.name) != kind.__dataclass_fields__[column.name].default:
                    told.add((kind.__name__, column.name))
    lazy = {
        ("AskQuote", "model"),
        ("Refused", "remedy"),
        ("Stopped", "remedy"),
        ("Failed", "remedy"),
        ("Layer", "blend_mode"),  # there is one
    }
    assert optional - told <= lazy
    assert NONCE in EXAMPLES["hello"].to_wire(1).values()
