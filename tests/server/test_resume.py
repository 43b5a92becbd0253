"""A line that breaks in the middle of a blob: the rest is sent, not all of it."""

import hashlib
import os

import pytest
from fakes.line import Line
from fakes.orders import Order
from fakes.served import Served
from fakes.talk import talk

from bottega_client.client import Client
from bottega_client.launch import Address
from bottega_protocol.messages import Accepted, Announce, Finished, Need, Stopped, Stored
from bottega_protocol.pace import FIRST_WINDOW

SIDE = 800
"""Of pictures of 2.5 MB."""


@pytest.fixture
def broken(served):
    """A line to the server that a test can cut, and a client behind it."""
    line = Line(int(served.url.rpartition(":")[2]))
    client = Client(Address(line.url, served.token), "test", (0.0, *(0.05,) * 40))
    client.connect()
    yield line, client
    client.close()
    line.close()


@pytest.mark.parametrize("way", ["up", "down"])
def test_the_rest_goes_over_the_next_line(broken, way):
    """Cut in the last tenth: what crosses is little more than once the pixels."""
    line, client = broken
    order = Order(side=SIDE)
    size = len(order.pixels)
    line.cut_after[way] = size * 9 // 10
    finished = list(order.follow(client))[-1]
    assert isinstance(finished, Finished)
    assert client.fetch(finished.result.layers[0].pixels) == order.negative
    assert line.connections == 2
    assert line.carried[way] < (size + len(order.mask)) * 1.4


def some(line, content, count):
    """Begin to upload and hang up after so many bytes have gone."""
    sha256 = hashlib.sha256(content).digest()
    line.upload(1, sha256, content)
    while line.session._outgoing[1]._offset < count:
        line.pump()
    del line.session._outgoing[1]
    # An answer to what comes after them: they have arrived.
    line.upload(2, hashlib.sha256(b"x").digest(), b"x")
    line.until(Stored, matching=lambda stored: stored.transfer == 2)
    return sha256


def begins_at(line, sha256, content):
    """Offer it again on another line; where the server lets it begin."""
    offsets = []
    line.session.send_blob(
        Announce(1, sha256, len(content)),
        lambda offset, length: offsets.append(offset) or content[offset : offset + length],
    )
    line.until(Stored, Stopped)
    return offsets[0]


def test_what_had_come_outlives_the_server(tmp_path):
    """A killed server forgets at most what its own buffer held."""
    content = os.urandom(3_000_000)
    with Served(tmp_path / "data") as served:
        with talk(served.url, served.token) as line:
            sha256 = some(line, content, 2_000_000)
            served.kill()
        served.start()
        with talk(served.url, served.token) as line:
            assert begins_at(line, sha256, content) > 1_000_000
        assert served.stop() == 0
        assert not list((served.data / "blobs" / "incoming").iterdir())


def test_a_part_is_its_accounts_own(tmp_path):
    """Another artist's upload of the same bytes begins at their beginning."""
    content = os.urandom(1_000_000)
    with Served(tmp_path / "data", accounts={"other": "a token of another's own"}) as served:
        with talk(served.url, served.token) as line:
            sha256 = some(line, content, 500_000)
        with talk(served.url, "a token of another's own", "other") as line:
            assert begins_at(line, sha256, content) == 0
        with talk(served.url, served.token) as line:
            assert begins_at(line, sha256, content) >= 500_000 - FIRST_WINDOW


def test_a_part_that_was_harmed_is_sent_once_more(tmp_path):
    """The hash is wrong in the end: nothing of it is kept, and the client begins anew."""
    order = Order(side=400)
    with Served(tmp_path / "data") as served:
        with talk(served.url, served.token) as line:
            line.ask(order.submit, Need)
            some(line, order.pixels, 300_000)
        (part,) = (served.data / "blobs" / "incoming").iterdir()
        held = part.read_bytes()
        part.write_bytes(bytes(100) + held[100:])
        client = served.client()
        finished = list(order.follow(client))[-1]
        assert client.fetch(finished.result.layers[0].pixels) == order.negative


def test_a_whole_part_of_a_killed_server_needs_nothing_more(tmp_path):
    """All bytes had come, and the server died before they were safe."""
    order = Order()
    with Served(tmp_path / "data") as served:
        with talk(served.url, served.token) as line:
            line.ask(order.submit, Need)
            sha256 = hashlib.sha256(order.pixels).digest()
            line.upload(1, sha256, order.pixels)
            line.until(Stored)
        served.stop()
        incoming = served.data / "blobs" / "incoming"
        for blob in (served.data / "blobs").glob(f"*/*/{sha256.hex()}"):
            blob.rename(incoming / f"{blob.parts[-3]}-{blob.name}.part")
        served.start()
        with talk(served.url, served.token) as line:
            need = line.ask(order.submit, Need)
            for transfer, name in enumerate(need.hashes, start=1):
                line.upload(transfer, name, order.blobs[name])
            assert line.until(Accepted)
