"""Who ends while somebody waits: the server, the line, the client itself, the artist."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from fakes.orders import Order
from fakes.paper import Paper
from fakes.served import Served
from protocol.pair import Pair

from bottega_client.actions import Stopped, Wish, perform
from bottega_client.client import Client
from bottega_client.download import Download
from bottega_client.launch import Address, NoServer
from bottega_client.transport import Disconnected
from bottega_protocol.errors import BadTransfer
from bottega_protocol.messages import Announce, Cancelled, Progress
from bottega_protocol.messages import Stopped as TransferStopped


@pytest.fixture
def own(tmp_path):
    """A server of this test's own, which comes back on the same port."""
    with Served(tmp_path / "data") as server:
        server.options["port"] = int(server.url.rpartition(":")[2])
        yield server


def filling(client, paper, wish, tell=lambda _: None, stop=None):
    """Fill on a thread; gives the thread and where its outcome or error will be."""
    ended = []

    def work():
        try:
            ended.append(perform(paper, client, "fill", wish, tell, stop or threading.Event()))
        except Exception as error:  # noqa: BLE001  # the test looks at it
            ended.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread, ended


def once_at(stage):
    """A report that sets an event when a job gets there, and waits there for another."""
    reached, go_on = threading.Event(), threading.Event()

    def tell(report):
        if report.stage == stage and not reached.is_set():
            reached.set()
            go_on.wait(60)

    return reached, go_on, tell


@pytest.mark.parametrize("stage", ["sending", "queued", "loading", "denoising", "fetching"])
def test_a_server_that_is_killed_and_comes_back_costs_nothing(own, tmp_path, stage):
    """While the client waits there, the server dies and starts again: the layer is placed once."""
    client, paper, gate = own.client(), Paper(), tmp_path / "gate"
    reached, go_on, tell = once_at(stage)
    prompt = f"hold:{gate}" if stage in ("queued", "loading") else "a boat"
    if stage == "queued":  # behind another model's job
        next(iter(Order(f"hold:{gate}", model="apprentice-inpaint").follow(own.client())))
    wish = Wish(prompt, model="apprentice", steps=9)
    thread, ended = filling(client, paper, wish, tell)
    assert reached.wait(60)
    own.kill()
    own.start()
    gate.touch()
    go_on.set()
    thread.join(100)
    (outcome,) = ended
    assert [job for job, _ in paper.placed] == [outcome.job]
    mine = [row for row in client.results() if row.job == outcome.job]
    assert [(row.state, row.fetched) for row in mine] == [("finished", True)]


def test_a_placed_layer_is_no_failure_when_the_server_is_gone(own):
    """That it can't be told any more changes nothing for the artist."""
    client, paper = own.client(), Paper()
    place = paper.place

    def place_and_pull_the_plug(job, layers):
        place(job, layers)
        own.kill()

    paper.place = place_and_pull_the_plug
    thread, ended = filling(client, paper, Wish("a boat"))
    thread.join(100)
    assert [job for job, _ in paper.placed] == [ended[0].job]


def test_stop_does_not_wait_for_a_server_that_is_gone(own, tmp_path):
    """It was gone while the job ran: the artist hears that it stopped, not that nobody answers."""
    stop = threading.Event()
    client, paper = own.client(), Paper()
    reached, go_on, tell = once_at("loading")
    thread, ended = filling(client, paper, Wish(f"hold:{tmp_path / 'never'}"), tell, stop)
    assert reached.wait(60)
    own.kill()
    go_on.set()
    stop.set()
    thread.join(100)
    assert isinstance(ended[0], Stopped)
    assert paper.placed == []


def test_a_stop_that_was_lost_with_the_line_is_said_again(served, line, tmp_path):
    """The cancel never got through: on the mended line the job is stopped all the same."""
    order, stop = Order(f"hold:{tmp_path / 'never'}"), threading.Event()
    client = Client(Address(line.url, served.token), "test")
    seen = []
    for event in order.follow(client, stop):
        seen.append(event)
        if isinstance(event, Progress) and not stop.is_set():
            line.cut_after["up"] = 0  # swallows the cancel, then breaks
            stop.set()
    assert seen[-1] == Cancelled(order.job)
    assert client.outcome(order.job) == Cancelled(order.job)
    assert line.connections == 2
    client.close()


def test_closing_ends_who_waits(served, line, tmp_path):
    """And does not connect again behind the editor's back; the job goes on."""
    gate = tmp_path / "gate"
    client = Client(Address(line.url, served.token), "test")
    reached, go_on, tell = once_at("loading")
    thread, ended = filling(client, Paper(), Wish(f"hold:{gate}"), tell)
    assert reached.wait(60)
    client.close()
    go_on.set()
    thread.join(100)
    gate.touch()
    assert isinstance(ended[0], Disconnected)
    assert line.connections == 1
    with pytest.raises(Disconnected):
        client.offers()


def test_a_report_that_fails_reaches_its_own_caller(served):
    """Also while the picture is sent, which another thread does; the connection lives on."""
    client, paper = served.client(), Paper()

    def tell(report):
        if report.stage == "sending":
            raise RuntimeError("the window is gone")

    paper.picture[0, 0] = 77  # unlike what other tests have sent
    thread, ended = filling(client, paper, Wish("a boat"), tell)
    thread.join(100)
    assert isinstance(ended[0], RuntimeError)
    thread, ended = filling(client, paper, Wish("a boat"))
    thread.join(100)
    assert paper.placed[0][0] == ended[0].job


@pytest.mark.parametrize("url", ["server", "http://127.0.0.1:9", "ws://127.0.0.1:99999", "ws://["])
def test_what_is_no_address_is_said_in_words(url):
    """With the shape that one has."""
    with pytest.raises(NoServer) as caught:
        Client(Address(url, "token")).connect()
    assert "ws://HOST:PORT" in caught.value.remedy


class WebPages(BaseHTTPRequestHandler):
    """Answers everything with 501, not implemented."""

    protocol_version = "HTTP/1.1"


def test_another_program_on_the_port_is_not_called_silence():
    """It answers; to start a server there would not help."""
    with HTTPServer(("127.0.0.1", 0), WebPages) as other:
        threading.Thread(target=other.handle_request, daemon=True).start()
        with pytest.raises(NoServer) as caught:
            Client(Address(f"ws://127.0.0.1:{other.server_port}", "token")).connect()
    assert "501" in caught.value.message
    assert "bottega serve" not in caught.value.remedy


def test_a_download_of_other_bytes_is_not_called_stored():
    """The server would count it as fetched."""
    pair, image = Pair().run(), Order().request.pixels
    download = Download(image)
    download.begin(1)
    announce = Announce(1, image.sha256, image.byte_count)
    pair.server.send_blob(announce, lambda _, length: bytes(length))
    while pair.step(pair.client) or pair.step(pair.server):
        for event in pair.heard[pair.client][1:]:
            act = download.announced if isinstance(event, Announce) else download.arrived
            act(pair.client, event)
        del pair.heard[pair.client][1:]
    (answer,) = pair.heard[pair.server][1:]
    assert (type(answer), answer.code) == (TransferStopped, "wrong-hash")
    with pytest.raises(BadTransfer):
        download.wait()
