"""Real clients and a real server with the step worker: from the submit to the layer."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import pytest
from fakes.orders import FOUR_BYTES, Order, submit
from fakes.served import Served
from fakes.talk import talk
from websockets.exceptions import ConnectionClosed

from bottega_protocol.codec import encode_message
from bottega_protocol.errors import Refusal
from bottega_protocol.images import Layout
from bottega_protocol.messages import (
    CLIENT_MESSAGES,
    Accepted,
    AskOffers,
    AskQuote,
    AskResults,
    Cancel,
    Cancelled,
    Declined,
    Failed,
    Finished,
    Follow,
    Need,
    Preview,
    Progress,
    Queued,
    Refused,
    Results,
)
from bottega_protocol.regions import Rectangle, Size


def test_a_job_is_painted_and_its_layer_fetched(served):
    """Submit, upload, progress, previews, result, blobs: the whole path."""
    client, order = served.client(), Order("a boat", steps=6)
    events = list(order.follow(client))
    assert isinstance(events[-1], Finished)
    assert Progress in {type(event) for event in events}
    layer = events[-1].result.layers[0]
    assert layer.name == "a boat"
    assert client.fetch(layer.pixels) == order.negative
    assert client.fetch(layer.mask) == order.mask


def test_previews_reach_who_follows(served):
    """A worker's previews are passed on under the id that the client gave the job."""
    order = Order("a boat", steps=100)
    events = list(order.follow(served.client()))
    previews = [event for event in events if isinstance(event, Preview)]
    assert previews
    assert {event.job for event in events} == {order.job}


def test_a_blob_of_many_chunks_comes_and_goes_whole(served):
    """4 MiB and a bit: more than one window."""
    client, order = served.client(), Order(side=1040)
    finished = list(order.follow(client))[-1]
    assert client.fetch(finished.result.layers[0].pixels) == order.negative


def test_several_clients_paint_at_once(served):
    """Every client gets its own job's layer."""
    orders = [Order(f"boat {number}", steps=8) for number in range(6)]

    def paint(order):
        client = served.client()
        finished = list(order.follow(client))[-1]
        return client.fetch(finished.result.layers[0].pixels)

    with ThreadPoolExecutor(len(orders)) as threads:
        painted = list(threads.map(paint, orders))
    assert painted == [order.negative for order in orders]


def test_the_queue_is_served_in_the_order_of_acceptance(line, tmp_path):
    """Jobs of two models share no worker: each waits for the one before it."""
    gate = tmp_path / "gate"
    models = ("apprentice", "apprentice-inpaint") * 3
    orders = [Order(f"hold:{gate}", steps=1, model=model) for model in models]
    for order in orders:
        submit(line, order)
    queued = line.until(Queued, matching=lambda event: event.job == orders[-1].job)
    assert queued.ahead == len(orders) - 1
    gate.touch()
    last = line.until(Finished, matching=lambda event: event.job == orders[-1].job)
    ended = [event.job for event in line.heard if isinstance(event, Finished)]
    assert ended == [order.job for order in orders]
    aheads = [e.ahead for e in line.heard if isinstance(e, Queued) and e.job == last.job]
    assert aheads == sorted(aheads, reverse=True)


def test_a_running_job_is_cancelled(served, tmp_path):
    """The worker stops it, and the journal says so."""
    client, order, stop = served.client(), Order(f"hold:{tmp_path / 'never'}"), threading.Event()
    seen = []
    for event in order.follow(client, stop):
        seen.append(event)
        if isinstance(event, Progress):
            stop.set()
    assert isinstance(seen[-1], Cancelled)
    assert isinstance(client.outcome(order.job), Cancelled)


def test_a_waiting_job_is_cancelled(line, tmp_path):
    """It never reaches a worker."""
    gate = tmp_path / "gate"
    first = Order(f"hold:{gate}", model="apprentice")
    second = Order(model="apprentice-inpaint")
    submit(line, first)
    submit(line, second)
    assert line.ask(Cancel(second.job), Cancelled).job == second.job
    gate.touch()
    assert line.until(Finished).job == first.job
    assert not [e for e in line.heard if isinstance(e, Progress) and e.job == second.job]


def test_a_job_is_cancelled_before_its_blobs_have_come(line):
    """Nothing was accepted; nothing is left of it."""
    order = Order()
    line.ask(order.submit, Need)
    line.ask(Cancel(order.job), Cancelled)
    assert line.ask(Follow(order.job), Refused).code == "unknown-job"


def test_a_job_ends_with_the_connection_that_it_is_tied_to(served, tmp_path):
    """`on_vanish: cancel` when the socket closes; another connection hears of it."""
    order = Order(f"hold:{tmp_path / 'never'}", on_vanish="cancel")
    with talk(served.url, served.token) as watcher:
        with talk(served.url, served.token) as line:
            submit(line, order)
            watcher.ask(Follow(order.job), Queued, Progress)
        assert watcher.until(Cancelled).job == order.job


def flood(line):
    """Ask without reading, until the server takes no more."""
    frame, asked = encode_message(AskOffers(1), CLIENT_MESSAGES, 1), [0]

    def ask():
        with suppress(ConnectionClosed, OSError):
            while True:
                line.socket.send(frame)
                asked[0] += 1

    threading.Thread(target=ask, daemon=True).start()
    before = -1
    while before < asked[0]:
        before = asked[0]
        time.sleep(0.5)


def test_who_floods_and_vanishes_is_gone(served, tmp_path):
    """When it hangs up without having read its connection ends like any other."""
    order = Order(f"hold:{tmp_path / 'never'}", on_vanish="cancel")
    with talk(served.url, served.token) as watcher:
        with talk(served.url, served.token) as line:
            submit(line, order)
            watcher.ask(Follow(order.job), Queued, Progress)
            flood(line)
            line.socket.socket.shutdown(socket.SHUT_RDWR)
        assert watcher.until(Cancelled).job == order.job


def test_a_job_is_tied_again_by_the_same_submit(tmp_path):
    """After a restart nobody holds it; who submits it again and vanishes ends it."""
    order = Order(f"hold:{tmp_path / 'never'}", on_vanish="cancel")
    with Served(tmp_path / "data") as own:
        with talk(own.url, own.token) as line:
            submit(line, order)
            own.kill()
        own.start()
        with talk(own.url, own.token) as watcher:
            with talk(own.url, own.token) as line:
                line.ask(order.submit, Accepted)
                watcher.ask(Follow(order.job), Queued, Progress)
            assert watcher.until(Cancelled).job == order.job


def test_a_job_goes_on_without_its_client(served):
    """`on_vanish: keep`: the result waits."""
    order = Order(steps=50)
    with talk(served.url, served.token) as line:
        submit(line, order)
    with talk(served.url, served.token) as line:
        line.session.send(Follow(order.job))
        assert line.until(Finished).job == order.job


def test_a_failure_comes_with_its_code_and_remedy(served):
    """The worker's own words, and the worker lives on."""
    failed = list(Order("fail").follow(served.client()))[-1]
    assert (type(failed), failed.code, failed.remedy) == (Failed, "broken-output", "None.")
    assert isinstance(list(Order().follow(served.client()))[-1], Finished)


def test_a_job_is_cancelled_by_whoever_still_owes_its_blobs(served, line, tmp_path):
    """Another connection has sent them: it was accepted, so it is stopped, not just forgotten."""
    order = Order(f"hold:{tmp_path / 'never'}")
    line.ask(order.submit, Need)
    with talk(served.url, served.token) as other:
        submit(other, order)
        line.ask(Cancel(order.job), Cancelled)
        assert other.until(Cancelled, Finished) == Cancelled(order.job)
    assert served.client().results(most=1)[0].state == "cancelled"


def test_the_same_submit_again_is_harmless(line, tmp_path):
    """Before, while and after it runs it tells where the job stands."""
    gate = tmp_path / "gate"
    order = Order(f"hold:{gate}")
    need = line.ask(order.submit, Need)
    assert line.ask(order.submit, Need) == need
    submit(line, order)
    assert line.ask(order.submit, Accepted).job == order.job
    line.until(Queued, Progress)
    gate.touch()
    finished = line.until(Finished)
    line.ask(order.submit, Accepted)
    assert line.until(Finished) == finished


def test_a_quote_tells_who_is_ahead(served, line, tmp_path):
    """Without any pixel, and at once."""
    asked = AskQuote(5, "fill", Size(99, 99), Rectangle(9, 9, 9, 9), Layout("RGBA", "u8"))
    client = served.client()
    gate = tmp_path / "gate"
    submit(line, Order(f"hold:{gate}"))
    ahead = client.quote(lambda number: replace(asked, request=number)).ahead
    gate.touch()
    line.until(Finished)
    assert 0 <= client.quote(lambda number: replace(asked, request=number)).ahead < ahead
    nothing = replace(asked, selection=Rectangle(200, 200, 9, 9))
    assert line.ask(nothing, Declined).code == "nothing-selected"


def test_kept_results_are_listed_newest_first_and_page_by_page(served):
    """With what is needed to find one's own again."""
    client = served.client()
    orders = [Order(f"boat {number}", document=f"krita/{number}") for number in range(3)]
    for order in orders:
        finished = list(order.follow(client))[-1]
    for image in finished.result.images():
        client.fetch(image)
    first, second, third = client.results(most=3)
    assert [row.job for row in (third, second, first)] == [order.job for order in orders]
    assert (first.prompt, first.document, first.state) == ("boat 2", "krita/2", "finished")
    assert (first.capability, first.fetched, second.fetched) == ("fill", True, False)
    assert client.results(skip=2, most=1) == (third,)
    client.acknowledge(first.job)


def test_a_page_that_would_not_fit_a_frame_is_shorter(served, line):
    """The client asks on from where it ends."""
    client = served.client()
    for _ in range(60):
        list(Order(FOUR_BYTES * 120, side=4, document=FOUR_BYTES * 200).follow(client))
    page = line.ask(AskResults(1, 0, 100), Results)
    assert 10 < len(page.jobs) < 60


def test_what_is_asked_is_offered(served):
    """Every capability, model and sampler that a request may name."""
    offers = served.client().offers()
    assert [offer.name for offer in offers.capabilities] == ["generate", "fill", "refine"]
    assert offers.capabilities[0].model in {model.id for model in offers.models}
    assert offers.capabilities[0].sampler in offers.samplers


def test_an_unknown_job_is_refused(served):
    """The message names a remedy."""
    with pytest.raises(Refusal) as caught:
        served.client().outcome(bytes(16))
    assert caught.value.code == "unknown-job"
