"""A conversation: the handshake, the lanes, transfers, and what ends it."""

import hashlib
from contextlib import suppress

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from protocol.pair import TOKEN, Pair, verifier_of
from protocol_examples import EXAMPLES, JOB, NONCE

from bottega_protocol.codec import CHUNK, MOST_CHUNK, Chunk, encode_chunk, encode_message
from bottega_protocol.errors import (
    BadProof,
    BadTransfer,
    NoCommonVersion,
    NotAllowedNow,
    ProtocolError,
)
from bottega_protocol.handshake import Hello, Welcome
from bottega_protocol.messages import (
    CLIENT_MESSAGES,
    Accepted,
    Announce,
    AskOffers,
    Cancel,
    Fault,
    Stopped,
    Stored,
)
from bottega_protocol.pace import FIRST_WINDOW, MOST_WINDOW
from bottega_protocol.session import ClientSession, ServerSession
from bottega_protocol.version import agree


def test_both_ends_prove_themselves_before_anything_else_is_said():
    """Four frames, then the line is open at both ends."""
    pair = Pair().run()
    assert pair.client.open
    assert pair.server.open
    assert pair.server.account == "local"
    assert [type(event) for event in pair.heard[pair.client]] == [Welcome]
    assert len(pair.frames) == 4


def test_the_token_never_crosses_the_line():
    """Neither as it is, nor as its plain hash."""
    frames = b"".join(Pair().run().frames)
    assert TOKEN.encode() not in frames
    assert hashlib.sha256(TOKEN.encode()).digest() not in frames


@pytest.mark.parametrize("name", ["type", "extra"])
def test_a_fault_may_quote_what_no_text_may_hold(name):
    """NUL in the name of a message or field: the conversation is over, the other end is told."""
    pair = Pair().run()
    fields = {"type": "ask-offers", "request": 1, name if name == "type" else "\0": "\0"}
    with pytest.raises(ProtocolError):
        pair.server.receive(b"\0" + msgpack.packb(fields))
    assert pair.server.closed
    pair.run()
    assert pair.heard[pair.client][-1].code == "bad-message"


@pytest.mark.parametrize("wrong", [{"token": "guessed"}, {"account": "somebody"}])
def test_a_client_without_the_token_is_sent_away(wrong):
    """A wrong token and an unknown account look the same."""
    pair = Pair(**wrong).run()
    assert isinstance(pair.errors[pair.server], BadProof)
    assert pair.heard[pair.client] == [
        Fault("bad-proof", "the token is not the server's", pair.errors[pair.server].remedy)
    ]
    assert not pair.client.open


def test_a_server_without_the_verifier_is_seen_through():
    """Whoever took the port gets a proof that he can't check, and nothing else."""
    pair = Pair()
    pair.server._verifier_of = lambda _: verifier_of("somebody")
    pair.run()
    assert not pair.client.open
    assert pair.errors


def test_a_proof_made_for_another_certificate_is_worthless():
    """A man in the middle holds another certificate than the one the client sees."""
    pair = Pair(binding=(b"a" * 32, b"b" * 32)).run()
    assert isinstance(pair.errors[pair.server], BadProof)


def test_a_replayed_proof_is_worthless():
    """The server's nonce is new each time."""
    first = Pair().run()
    server = ServerSession(verifier_of, "studio")
    server.receive(first.frames[0])
    with pytest.raises(BadProof):
        server.receive(first.frames[2])


@pytest.mark.parametrize(
    "name", [name for name in CLIENT_MESSAGES if name not in ("hello", "fault")]
)
def test_nothing_is_heard_before_the_proof(name):
    """Every message but hello is refused to a stranger."""
    server = ServerSession(verifier_of, "studio")
    with pytest.raises(ProtocolError):
        server.receive(encode_message(EXAMPLES[name], CLIENT_MESSAGES, 1))
    assert server.closed


def test_nothing_is_said_before_the_proof():
    """The plug-in's own code can't send a prompt to a server that has not proved itself."""
    with pytest.raises(NotAllowedNow):
        ClientSession(TOKEN, "local").send(AskOffers(1))


def test_ends_without_a_common_version_part_in_words():
    """Both ends are told what to do."""
    pair = Pair()
    hello = Hello((77,), "local", NONCE)
    with pytest.raises(NoCommonVersion, match="77"):
        pair.server.receive(encode_message(hello, CLIENT_MESSAGES, 1))
    assert agree((1, 2, 3), (1, 2)) == 2


def test_a_cancel_passes_ones_own_upload():
    """Control messages go before chunks that are already granted."""
    pair = Pair().run()
    content = bytes(2 * MOST_CHUNK)
    pair.client.send_blob(Announce(1, EXAMPLES["fetch"].sha256, len(content)), reader(content))
    pair.run()
    pair.server.accept(pair.heard[pair.server][-1])
    pair.step(pair.server)
    pair.client.send(Cancel(JOB))
    first = pair.client.next_frame()
    assert first is not None
    assert first[0] != CHUNK
    assert pair.client.next_frame()[0] == CHUNK


def reader(content):
    return lambda offset, length: content[offset : offset + length]


@pytest.mark.parametrize("size", [1, 2, MOST_CHUNK + 1, FIRST_WINDOW, MOST_WINDOW + 5])
@pytest.mark.parametrize("start", [0, 1])
def test_a_blob_arrives_whole_in_either_direction(size, start):
    """From its start or from where it was cut, with never more than a window in flight."""
    content = (bytes(i * 7 % 251 for i in range(1000)) * (size // 1000 + 1))[:size]
    start = min(start, size - 1)
    for towards_server in (True, False):
        pair = Pair().run()
        sender, receiver = (pair.client, pair.server)[:: 1 if towards_server else -1]
        sender.send_blob(Announce(9, bytes(32), size), reader(content))
        pair.run()
        receiver.accept(pair.heard[receiver].pop(), start)
        got = bytearray(content[:start])
        pair.heard[receiver].clear()
        while not receiver.complete(9) or pair.heard[receiver]:
            # The line runs dry when a whole window has come and none of it is put away.
            chunks = pair.run().heard[receiver]
            assert 0 < sum(len(chunk.data) for chunk in chunks) <= MOST_WINDOW
            for chunk in chunks:
                got += chunk.data
                receiver.used(9, len(chunk.data))
            chunks.clear()
        receiver.stored(9)
        pair.run()
        assert bytes(got) == content
        assert pair.heard[sender][-1] == Stored(9)


def test_a_chunk_that_was_not_granted_ends_the_conversation():
    """A sender can't make the other end hold more than a window."""
    pair = Pair().run()
    size = 3 * FIRST_WINDOW
    pair.client.send_blob(Announce(1, bytes(32), size), reader(bytes(size)))
    pair.run()
    pair.server.accept(pair.heard[pair.server].pop())
    pair.server.receive(encode_chunk(Chunk(1, 0, bytes(FIRST_WINDOW))))
    with pytest.raises(BadTransfer, match="granted"):
        pair.server.receive(encode_chunk(Chunk(1, FIRST_WINDOW, b"x")))


def test_a_chunk_out_of_place_ends_the_conversation():
    """Offsets follow each other."""
    pair = Pair().run()
    pair.client.send_blob(Announce(1, bytes(32), 100), reader(bytes(100)))
    pair.run()
    pair.server.accept(pair.heard[pair.server].pop())
    with pytest.raises(BadTransfer, match="expected at 0"):
        pair.server.receive(encode_chunk(Chunk(1, 5, b"x")))


def test_chunks_of_a_stopped_transfer_are_let_go():
    """They were under way already."""
    pair = Pair().run()
    pair.client.send_blob(Announce(1, bytes(32), 100), reader(bytes(100)))
    pair.run()
    pair.server.accept(pair.heard[pair.server].pop())
    pair.server.stop(Stopped(1, "no-room", "The disk is full."))
    assert pair.server.receive(encode_chunk(Chunk(1, 0, bytes(100)))) == []
    pair.run()
    assert isinstance(pair.heard[pair.client][-1], Stopped)
    assert pair.client.next_frame() is None


def test_only_the_receiver_says_that_a_blob_is_stored():
    """A sender that says so of its own upload would have it forgotten, half done."""
    pair = Pair().run()
    pair.client.send_blob(Announce(1, bytes(32), 100), reader(bytes(100)))
    pair.run()
    pair.server.accept(pair.heard[pair.server].pop())
    with pytest.raises(BadTransfer, match="stored"):
        pair.server.receive(encode_message(Stored(1), CLIENT_MESSAGES, 1))


def test_after_a_fault_nothing_is_said_or_heard():
    """The conversation is over at both ends."""
    pair = Pair().run()
    with pytest.raises(ProtocolError):
        pair.server.receive(b"\0nonsense")
    pair.run()
    assert isinstance(pair.heard[pair.client][-1], Fault)
    pair.client.send(AskOffers(1))
    assert pair.client.next_frame() is None
    assert pair.server.receive(b"\0nonsense") == []


@given(st.lists(st.binary(min_size=1, max_size=99), max_size=5))
def test_a_stranger_only_ever_hears_a_challenge_and_a_fault(frames):
    """Whatever is sent: no crash, and nothing of anybody's."""
    server = ServerSession(verifier_of, "studio")
    with suppress(ProtocolError):
        for frame in frames:
            server.receive(frame)
    said = []
    while (frame := server.next_frame()) is not None:
        said.append(frame)
    assert len(said) <= 2
    assert not server.open


class Conversation(RuleBasedStateMachine):
    """Two open ends that say what they like, in any order of delivery."""

    def __init__(self):
        super().__init__()
        self.pair = Pair().run()
        self.heard = {self.pair.client: 1, self.pair.server: 1}
        self.said = {self.pair.client: [], self.pair.server: []}
        self.blobs = {}
        self.got = {}
        self.transfer = 0

    def ends(self):
        return (self.pair.client, self.pair.server)

    @rule(which=st.booleans(), number=st.integers(0, 9))
    def say(self, which, number):
        """A control message of either end."""
        sender = self.ends()[which]
        message = Accepted(JOB) if sender is self.pair.server else AskOffers(number)
        sender.send(message)
        self.said[self.ends()[not which]].append(message)

    @precondition(lambda self: len(self.blobs) < 6)
    @rule(which=st.booleans(), size=st.integers(1, 8 * FIRST_WINDOW))
    def announce(self, which, size):
        """A blob of either end."""
        self.transfer += 1
        content = self.transfer.to_bytes(1, "big") * size
        self.blobs[self.transfer] = content
        self.ends()[which].send_blob(Announce(self.transfer, bytes(32), size), reader(content))

    @rule(which=st.booleans(), count=st.integers(1, 40))
    def carry(self, which, count):
        """Some frames of either end arrive."""
        for _ in range(count):
            self.pair.step(self.ends()[which])
        self.hear()

    def hear(self):
        for end in self.ends():
            events = self.pair.heard[end][self.heard[end] :]
            self.heard[end] += len(events)
            for event in events:
                self.take(end, event)

    def take(self, end, event):
        if isinstance(event, Announce):
            self.got[event.transfer] = bytearray()
            end.accept(event)
        elif isinstance(event, Chunk):
            self.got[event.transfer] += event.data
            end.used(event.transfer, len(event.data))
            if end.complete(event.transfer):
                end.stored(event.transfer)
        elif not isinstance(event, Stored):
            assert event == self.said[end].pop(0)

    @invariant()
    def nobody_erred(self):
        """What both ends do by the rules is never a fault."""
        assert self.pair.errors == {}

    def teardown(self):
        """In the end everything has arrived, whole and in order."""
        while self.pair.step(self.pair.client) or self.pair.step(self.pair.server):
            self.hear()
        self.hear()
        assert {key: bytes(value) for key, value in self.got.items()} == self.blobs
        assert self.said == {self.pair.client: [], self.pair.server: []}
        assert all(not end._incoming and not end._outgoing for end in self.ends())


TestConversation = Conversation.TestCase
