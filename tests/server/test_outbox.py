"""What waits to be told: nothing old, nothing out of order, and no more than fits."""

import asyncio

import pytest
from fakes.orders import Order
from protocol.pair import Pair

from bottega_backend.server.outbox import MOST_BACKLOG, Outbox
from bottega_protocol.messages import (
    Accepted,
    Announce,
    Cancelled,
    Preview,
    Progress,
    Queued,
)

JOB, OTHER = bytes(16), bytes(15) + b"1"


@pytest.fixture
def pair():
    return Pair().run()


@pytest.fixture
def outbox(pair):
    return Outbox(pair.server)


def sent(pair, outbox):
    """Send everything; gives what the client hears."""
    heard = []
    while (frame := outbox.next_frame()) is not None:
        heard += pair.client.receive(frame)
    return heard


def preview(step, job=JOB):
    return Preview(job, 1, 1, bytes((step, 0, 0)))


def test_a_slow_reader_gets_the_latest_preview_alone(pair, outbox):
    """Those before it are dropped, each job's for itself."""
    for step in range(200):
        outbox.send(preview(step))
        outbox.send(preview(step, OTHER))
        outbox.send(Progress(JOB, "denoising", step, 200))
    assert set(sent(pair, outbox)) == {
        preview(199),
        preview(199, OTHER),
        Progress(JOB, "denoising", 199, 200),
    }


def test_an_end_drops_what_leads_up_to_it(pair, outbox):
    """No preview comes after the last word; other jobs' are not touched."""
    outbox.send(Queued(JOB, 1))
    outbox.send(preview(1))
    outbox.send(preview(1, OTHER))
    outbox.send(Cancelled(JOB))
    assert sent(pair, outbox) == [Cancelled(JOB), preview(1, OTHER)]


def test_where_a_job_stands_replaces_where_it_stood(pair, outbox):
    """Accepted comes first, whatever else waits."""
    outbox.send(Queued(JOB, 3))
    outbox.send(Accepted(JOB))
    outbox.send(Progress(JOB, "loading"))
    assert sent(pair, outbox) == [Accepted(JOB), Progress(JOB, "loading")]


def test_previews_pass_chunks(pair, outbox):
    """A download does not hold them up."""
    order = Order(side=600)
    content = order.pixels
    announce = Announce(1, order.request.pixels.sha256, len(content))
    pair.server.send_blob(announce, lambda offset, length: content[offset : offset + length])
    heard = pair.client.receive(outbox.next_frame())
    assert heard == [announce]
    pair.client.accept(announce)
    pair.server.receive(pair.client.next_frame())
    outbox.next_frame()
    outbox.send(preview(7))
    assert pair.client.receive(outbox.next_frame()) == [preview(7)]
    assert outbox.next_frame() is not None


def test_who_does_not_read_is_not_read_from(outbox):
    """The reader waits until the backlog has gone down."""

    async def wait():
        for _ in range(MOST_BACKLOG + 1):
            outbox.send(Accepted(JOB))
        reader = asyncio.create_task(outbox.room())
        await asyncio.sleep(0)
        waited = not reader.done()
        outbox.next_frame()
        await reader
        return waited

    assert asyncio.run(wait())


def test_the_writer_sleeps_until_there_is_news(outbox):
    """A message wakes it."""

    async def wait():
        assert outbox.next_frame() is None
        writer = asyncio.create_task(outbox.news())
        await asyncio.sleep(0)
        slept = not writer.done()
        outbox.send(preview(1))
        await writer
        return slept

    assert asyncio.run(wait())


def test_nobody_waits_for_room_when_the_line_is_gone(outbox):
    """A client that floods the server and vanishes without reading must not be kept for ever."""

    async def wait():
        for _ in range(MOST_BACKLOG + 1):
            outbox.send(Accepted(JOB))
        reader = asyncio.create_task(outbox.room())
        await asyncio.sleep(0)
        outbox.hang_up()
        await asyncio.wait_for(reader, 20)

    asyncio.run(wait())
