"""From a wish to placed layers, against a real server whose worker inverts pixels."""

import threading

import numpy as np
import pytest
from fakes.paper import Paper

from bottega_client.actions import JobFailed, Stopped, Wish, perform
from bottega_client.client import Client
from bottega_client.editor import EditorError
from bottega_client.launch import Address, NoServer, find_server
from bottega_client.placing import place_variations, placing_key
from bottega_client.reports import report_of
from bottega_client.transport import Faulted
from bottega_protocol.errors import Refusal
from bottega_protocol.messages import Queued


@pytest.fixture
def client(served, line):
    """A client at the other end of a line that can be cut."""
    one = Client(Address(line.url, served.token), "test")
    one.connect()
    yield one
    one.close()


def paint(client, paper, wish=None, stop=None):
    """Fill; gives the outcome and what was reported."""
    told = []
    outcome = perform(
        paper, client, "fill", wish or Wish("a red ball"), told.append, stop or threading.Event()
    )
    return outcome, told


def assert_inverted(paper, job):
    """The one placed layer is the complement of what was read, with the selection as its mask."""
    assert [placed for placed, _ in paper.placed] == [job]
    (layer,) = paper.placed[0][1]
    box = layer.layer.rectangle
    part = np.s_[box.y : box.bottom, box.x : box.right]
    assert layer.pixels == (255 - paper.picture[part]).tobytes()
    assert layer.mask == paper.mask[part].tobytes()
    assert box.contains(paper.canvas().selection)


def test_a_wish_becomes_one_layer(client):
    """Asked, read, sent, painted, fetched, placed, in this order."""
    paper = Paper()
    outcome, told = paint(client, paper)
    assert_inverted(paper, outcome.job)
    stages = list(dict.fromkeys(report.stage for report in told))
    assert [stage for stage in stages if stage in ("asking", "reading", "sending")] == stages[:3]
    assert stages[-2:] == ["fetching", "placing"]
    assert any(report.preview for report in told)
    assert all(report.fraction is None or 0 <= report.fraction <= 1 for report in told)


def test_the_request_says_what_the_wish_said(client):
    """As far as the recipe of this worker repeats it."""
    wish = Wish("a boat", "fog", seed=5, steps=3, strength=0.5, clip_skip=2)
    outcome, _ = paint(client, Paper(), wish)
    for name in ("prompt", "negative", "seed", "steps", "strength", "clip_skip"):
        assert getattr(outcome.result.recipe, name) == getattr(wish, name)


def test_a_result_that_is_placed_counts_as_fetched(client):
    """The list of results tells what is still waiting."""
    paper = Paper()
    outcome, _ = paint(client, paper, Wish("to be listed"))
    entry = next(entry for entry in client.results() if entry.job == outcome.job)
    assert (entry.state, entry.fetched, entry.prompt) == ("finished", True, "to be listed")
    assert entry.document == paper.document


def test_the_same_picture_is_not_sent_twice(client):
    """What the server holds by its hash it does not ask for again."""
    paper = Paper(400, 300, (100, 100, 120, 90))
    paint(client, paper)
    before, _ = client.traffic
    paint(client, paper, Wish("something else"))
    assert client.traffic[0] - before < 4096


def test_a_selection_that_changes_while_it_is_quoted_is_asked_for_again(client):
    """What is sent is always one picture with its own selection."""
    paper = Paper()

    def once():
        if paper.reads == 1:
            paper.mask[:] = 0
            paper.mask[100:130, 10:80] = 255

    paper.on_read = once
    outcome, _ = paint(client, paper)
    assert paper.reads == 2
    assert_inverted(paper, outcome.job)


def test_a_selection_that_never_rests_is_given_up(client):
    """In words, and nothing is sent."""
    paper = Paper()

    def move():
        paper.mask = np.roll(paper.mask, 1, axis=1)

    paper.on_read = move
    with pytest.raises(EditorError, match="keeps changing"):
        paint(client, paper)
    assert paper.placed == []


def test_nothing_selected_is_said_with_its_remedy(client):
    """Before anything is read."""
    paper = Paper()
    paper.mask[:] = 0
    with pytest.raises(EditorError, match="Nothing is selected") as caught:
        paint(client, paper)
    assert "Select" in caught.value.remedy
    assert paper.reads == 0


def test_a_job_that_fails_says_why(client):
    """The worker's words reach the artist; the document is left alone."""
    paper = Paper()
    with pytest.raises(JobFailed) as caught:
        paint(client, paper, Wish("fail"))
    assert caught.value.message
    assert paper.placed == []


def test_an_unknown_model_is_refused_at_the_quote(client):
    """Before a byte of the picture is sent."""
    with pytest.raises(Refusal) as caught:
        paint(client, Paper(), Wish(model="no-such-model"))
    assert caught.value.code == "unknown-model"


def test_stop_cancels_the_job_at_the_server(client, tmp_path):
    """The artist is told, the worker is free, the document is left alone."""
    paper, stop = Paper(), threading.Event()
    told = []

    def tell(report):
        told.append(report)
        if report.stage in ("denoising", "loading"):
            stop.set()

    with pytest.raises(Stopped):
        perform(paper, client, "fill", Wish(f"hold:{tmp_path / 'never'}"), tell, stop)
    assert paper.placed == []
    assert client.results(most=1)[0].state == "cancelled"


def test_a_document_that_is_gone_loses_no_result(client):
    """The result is kept at the server, unfetched."""
    paper = Paper()
    paper.refuse = "The image was closed."
    with pytest.raises(EditorError, match="closed"):
        paint(client, paper)
    entry = client.results(most=1)[0]
    assert (entry.state, entry.fetched) == ("finished", False)


@pytest.mark.parametrize("place", [1, 300, 700, 20_000, 150_000])
@pytest.mark.parametrize("way", ["up", "down"])
def test_a_cut_line_is_mended_and_nothing_is_lost_or_doubled(client, line, way, place):
    """Wherever it is cut: the same job, one layer."""
    paper = Paper(300, 300, (80, 80, 90, 90))
    paper.picture[0, 0, :3] = np.frombuffer(f"{way}{place}".encode().ljust(3)[-3:], np.uint8)
    paper.picture[100] = np.roll(paper.picture[100], place, axis=0)
    line.cut_after[way] = place
    outcome, _ = paint(client, paper, Wish(f"{way} {place}"))
    assert line.connections == 2
    assert_inverted(paper, outcome.job)
    assert sum(entry.prompt == f"{way} {place}" for entry in client.results(most=100)) == 1


def test_a_job_outlives_its_line(client, line, tmp_path):
    """Cut while it is painted: the client comes back to the running job."""
    paper, gate = Paper(), tmp_path / "gate"

    def tell(report):
        if report.stage in ("loading", "denoising") and not gate.exists():
            line.cut()
            gate.touch()

    outcome = perform(paper, client, "fill", Wish(f"hold:{gate}"), tell, threading.Event())
    assert line.connections == 2
    assert_inverted(paper, outcome.job)


def test_no_server_is_said_at_once_with_what_to_type(tmp_path):
    """No file, and a file whose server is gone."""
    with pytest.raises(NoServer) as caught:
        find_server(tmp_path)
    assert "bottega serve" in caught.value.remedy
    with pytest.raises(NoServer) as caught:
        Client(Address("ws://127.0.0.1:9", "token")).connect()
    assert "bottega serve" in caught.value.remedy


def test_a_wrong_token_is_said_at_once(served):
    """No waiting, no second try."""
    with pytest.raises(Faulted) as caught:
        Client(Address(served.url, "another token")).connect()
    assert caught.value.code == "bad-proof"
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        (Wish("x" * 8001), "The prompt is 8001 characters long"),
        (Wish("a", negative="x" * 9000), "The negative prompt is 9000 characters long"),
        (Wish("a\0b"), "The prompt holds characters that are no text"),
        (Wish("\udcff"), "The prompt holds characters that are no text"),
        (Wish("a", model="x" * 201), "The model's name is 201 characters long"),
    ],
)
def test_what_no_request_can_say_is_told_in_the_artist_s_words(client, wish, said):
    """Not as a fault of the protocol, whose remedy is another release."""
    with pytest.raises(EditorError, match=said):
        paint(client, Paper(), wish)


def test_several_variations_are_handed_over_and_placed_as_picked(client):
    """For a script or a one-shot dialog: nothing is placed before."""
    paper = Paper()
    outcome, _ = paint(client, paper, Wish("a boat", count=3, seed=8))
    assert paper.placed == []
    assert [each.layer.variation for each in outcome.layers] == [0, 1, 2]
    place_variations(paper, outcome.job, outcome.result, outcome.layers, (2,))
    ((key, layers),) = paper.placed
    assert key == placing_key(outcome.job, 2, 3)
    assert layers == outcome.layers[2:]
    assert len({placing_key(outcome.job, number, 3) for number in range(3)} | {outcome.job}) == 4
    assert placing_key(outcome.job, 0, 1) == outcome.job


@pytest.mark.parametrize(
    ("ahead", "wait", "text"),
    [
        (0, None, "Next in line"),
        (1, None, "1 job ahead"),
        (3, 12.4, "3 jobs ahead, about 12 s"),
        (2, 190.0, "2 jobs ahead, about 3 min"),
    ],
)
def test_a_place_in_the_line_is_told_in_words(ahead, wait, text):
    """With the wait, where the server knows it."""
    report = report_of(Queued(bytes(16), ahead, wait))
    assert (report.text, report.ahead) == (text, ahead)
