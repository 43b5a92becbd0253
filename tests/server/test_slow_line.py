"""Clients behind a slow line: fewer bytes on it, and small messages pass large blobs."""

import threading

import numpy as np
import pytest
from fakes.line import Line
from fakes.orders import Order

from bottega_client.client import Client
from bottega_client.download import Download
from bottega_client.launch import Address
from bottega_protocol.errors import BadTransfer
from bottega_protocol.images import Layout
from bottega_protocol.messages import AskQuote, Finished
from bottega_protocol.regions import Rectangle, Size
from bottega_protocol.transfers import MOST_TRANSFERS

RATE = 1_500_000
SIDE = 400
"""Of pictures of 640 kB."""


@pytest.fixture
def slow(served):
    """A line to the server, and a client behind it."""
    line = Line(int(served.url.rpartition(":")[2]), RATE)
    client = Client(Address(line.url, served.token), "test")
    client.connect()
    yield line, client
    client.close()
    line.close()


def drawing():
    """Broad strokes instead of noise."""
    rows = np.arange(2 * SIDE)[:, np.newaxis, np.newaxis] // 16
    return np.broadcast_to(rows.astype(np.uint8), (2 * SIDE, 2 * SIDE, 4)).tobytes()


def test_a_drawing_takes_less_of_the_line_than_it_has_bytes(slow):
    """Both ways; what arrives is what was sent, by its hash."""
    line, client = slow
    order = Order(side=2 * SIDE, drawn=drawing())
    finished = list(order.follow(client))[-1]
    assert isinstance(finished, Finished)
    assert client.fetch(finished.result.layers[0].pixels) == order.negative
    assert line.carried["up"] < len(order.pixels) / 3
    assert line.carried["down"] < len(order.pixels) / 3


def test_noise_takes_what_it_has(slow):
    """The counter-proof: nothing is saved on what can't be deflated, and little is lost."""
    line, client = slow
    order = Order(side=SIDE)
    finished = list(order.follow(client))[-1]
    assert client.fetch(finished.result.layers[0].pixels) == order.negative
    size = len(order.pixels)
    assert size < line.carried["up"] < size * 1.1 + len(order.mask)
    assert size < line.carried["down"] < size * 1.1


def question(number):
    return AskQuote(number, "fill", Size(999, 999), Rectangle(9, 9, 99, 99), Layout("RGBA", "u8"))


def test_a_question_passes_an_upload(slow):
    """Between question and answer the line carries a small part of a large upload."""
    line, client = slow
    client.quote(question)
    order, stop = Order(side=2 * SIDE), threading.Event()
    upload = threading.Thread(target=lambda: list(order.follow(client, stop)))
    upload.start()
    between = []
    while line.carried["up"] < 2 * len(order.pixels) // 3:
        before = line.carried["up"]
        client.quote(question)
        between.append(line.carried["up"] - before)
    stop.set()
    upload.join()
    assert len(between) >= 5
    # Most wait for less than a quarter of a second of the line, sockets' buffers included.
    assert sorted(between)[len(between) // 2] < RATE / 4


def test_downloads_that_were_given_up_leave_their_places_to_others(slow, monkeypatch):
    """More than may be open at a time are begun and left; then one comes over the same line."""
    line, client = slow
    finished = list(Order(side=SIDE // 2).follow(client))[-1]
    image = finished.result.layers[0].pixels

    def give_up(waiting, _stop=None):
        with waiting._news:
            assert waiting._news.wait_for(lambda: waiting._content, 20)
        raise BadTransfer("It takes too long.")

    with monkeypatch.context() as hasty:
        hasty.setattr(Download, "wait", give_up)
        for _ in range(MOST_TRANSFERS + 1):
            with pytest.raises(BadTransfer):
                client.fetch(image)
    assert len(client.fetch(image)) == image.byte_count
    assert line.connections == 1
