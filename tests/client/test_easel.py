"""The Easel against a real server: several jobs at once, picking, recent results, closing."""

import threading

import numpy as np
import pytest
from client.panel import Panel
from fakes.line import Line
from fakes.paper import Paper

from bottega_client import history
from bottega_client.course import STOPPING
from bottega_client.entries import Absent, Connected, Gone, Missed, Quoted, Recent, Zoomed
from bottega_client.placing import placing_key
from bottega_client.reports import Stopped
from bottega_client.wishes import Wish
from bottega_protocol.transfers import MOST_TRANSFERS


@pytest.fixture
def panel(served, monkeypatch):
    """A panel whose Easel finds this server."""
    monkeypatch.setenv("BOTTEGA_DATA", str(served.data))
    one = Panel()
    yield one
    one.easel.close()


def held(tmp_path, name="gate"):
    """A prompt whose job waits for a file, and the file."""
    gate = tmp_path / name
    return f"hold:{gate}", gate


def test_one_order_becomes_one_layer(panel):
    """Told in order, with its thumbnail, and kept in the document's history."""
    paper = Paper()
    job = panel.easel.order(paper, "fill", Wish("a red ball", seed=9))
    entry = panel.entry(job, "placed")
    assert [key for key, _ in paper.placed] == [job]
    assert (entry.document, entry.title, entry.seed) == (paper.document, "a red ball", 9)
    assert [each.placed for each in entry.variations] == [True]
    assert panel.states(job)[0] == "preparing"
    assert panel.states(job)[-1] == "placed"
    assert entry.outcome.result.recipe.seed == 9
    (past,) = history.read(paper.text)
    assert (past.job, past.seed, past.prompt) == (job, 9, "a red ball")
    assert past.thumbnail().width <= history.SIDE


@pytest.mark.parametrize("selected", [True, False])
@pytest.mark.parametrize("capability", ["generate", "refine"])
def test_other_capabilities_take_a_selection_or_the_whole_canvas(panel, capability, selected):
    """The layer's mask is the selection, or there is none."""
    paper = Paper()
    if not selected:
        paper.mask[:] = 0
    job = panel.easel.order(paper, capability, Wish("a boat"))
    entry = panel.entry(job, "placed", "failed")
    assert entry.error is None
    ((_, (layer,)),) = paper.placed
    assert (layer.mask is not None) == selected
    assert entry.outcome.result.recipe.capability == capability
    assert paper.reads == (capability == "refine" or selected)


def test_fill_without_a_selection_says_what_to_do(panel):
    """And sends nothing."""
    paper = Paper()
    paper.mask[:] = 0
    entry = panel.entry(panel.easel.order(paper, "fill", Wish("a boat")), "failed")
    assert "Nothing is selected" in entry.error.message
    assert paper.reads == 0


def test_a_job_that_was_dropped_and_brought_again_at_once_ends_both_its_threads(panel, tmp_path):
    """The one that stops it and the one that brought it hear of its end; its place is free."""
    paper, (prompt, _) = Paper(), held(tmp_path)
    others = set(threading.enumerate())
    job = panel.easel.order(paper, "fill", Wish(prompt))
    panel.entry(job, "painting")
    panel.easel.discard(job)
    panel.easel.bring(job, paper)
    mine = [each for each in set(threading.enumerate()) - others if "a job" in each.name]
    panel.entry(job, "stopped")
    for thread in mine:
        thread.join(60)
    assert not any(thread.is_alive() for thread in mine)
    assert [entry.state for entry in panel.easel.entries()] == ["stopped"]


def test_what_the_dropped_course_of_a_job_says_is_not_said_of_the_one_that_was_brought(panel):
    """Its stop, too late: the entry stays what it has become."""
    paper = Paper()
    job = panel.easel.order(paper, "fill", Wish("a boat", count=2))
    panel.entry(job, "ready")
    dropped = panel.easel._orders[job]
    panel.easel.discard(job)
    panel.easel.bring(job, paper)
    panel.until(lambda: [entry.state for entry in panel.easel.entries()] == ["ready"])
    panel.easel._ended(dropped, Stopped("Stopped."))
    assert [entry.state for entry in panel.easel.entries()] == ["ready"]
    panel.easel._ended(panel.easel._orders[job], Stopped("Stopped."))
    assert [entry.state for entry in panel.easel.entries()] == ["stopped"]


def test_several_jobs_on_one_document_are_stopped_one_by_one(panel, tmp_path):
    """Each has its place in the line; the rest goes on and is placed."""
    paper, (prompt, gate) = Paper(), held(tmp_path)
    jobs = [panel.easel.order(paper, "fill", Wish(f"{prompt} {n}")) for n in range(5)]
    for job in jobs:
        panel.entry(job, "painting", "queued")
    panel.easel.stop(jobs[1])
    panel.easel.stop(jobs[3])
    reports = {entry.job: entry.report for entry in panel.easel.entries()}
    assert all(reports[job] in (None, STOPPING) for job in (jobs[1], jobs[3]))
    for job in (jobs[1], jobs[3]):
        panel.entry(job, "stopped")
    assert paper.placed == []
    gate.touch()
    for job in (jobs[0], jobs[2], jobs[4]):
        panel.entry(job, "placed")
    assert {key for key, _ in paper.placed} == {jobs[0], jobs[2], jobs[4]}
    assert len(history.read(paper.text)) == 3


def test_jobs_in_line_know_their_position(panel, tmp_path):
    """Another model's jobs wait behind the one that runs; a stop in front lets them move up."""
    paper, (prompt, gate) = Paper(), held(tmp_path)
    first = panel.easel.order(paper, "fill", Wish(prompt, model="apprentice"))
    panel.entry(first, "painting")
    behind = []
    for number in range(3):
        behind.append(
            panel.easel.order(paper, "fill", Wish(f"{number}", model="apprentice-inpaint"))
        )
        panel.entry(behind[-1], "queued")
    positions = {entry.job: entry.report.ahead for entry in panel.easel.entries()}
    assert [positions[job] for job in behind] == [1, 2, 3]
    panel.easel.stop(behind[0])
    panel.until(lambda: panel.easel.entries()[-1].report.ahead == 2)
    gate.touch()
    for job in (first, *behind[1:]):
        panel.entry(job, "placed")


def test_stop_all_stops_those_of_one_document(panel, tmp_path):
    """The other document's job goes on."""
    prompt, gate = held(tmp_path)
    mine, other = Paper(), Paper()
    other.document = "paper/2"
    jobs = [panel.easel.order(paper, "fill", Wish(prompt)) for paper in (mine, mine, other)]
    for job in jobs:
        panel.entry(job, "painting")
    panel.easel.stop_all(mine.document)
    for job in jobs[:2]:
        panel.entry(job, "stopped")
    gate.touch()
    panel.entry(jobs[2], "placed")
    assert mine.placed == []


def test_of_four_variations_two_are_picked(panel):
    """Nothing is placed before; each has a key, a seed and a picture of its own."""
    paper = Paper()
    job = panel.easel.order(paper, "fill", Wish("a boat", seed=2**32 - 2, count=4))
    entry = panel.entry(job, "ready")
    assert paper.placed == []
    assert [each.seed for each in entry.variations] == [2**32 - 2, 2**32 - 1, 0, 1]
    assert len({each.thumbnail.rgb for each in entry.variations}) == 4
    panel.easel.place(job, (1, 3))
    panel.until(lambda: sum(v.placed for v in panel.easel.entries()[0].variations) == 2)
    assert [key for key, _ in paper.placed] == [placing_key(job, n, 4) for n in (1, 3)]
    pixels = [layers[0].pixels for _, layers in paper.placed]
    box = paper.placed[0][1][0].layer.rectangle
    part = paper.picture[box.y : box.bottom, box.x : box.right]
    for number, content in zip((1, 3), pixels, strict=True):
        expected = np.roll(255 - np.arange(256), -number).astype(np.uint8)[part]
        assert content == expected.tobytes()
    assert {(past.variation, past.seed) for past in history.read(paper.text)} == {
        (1, 2**32 - 1),
        (3, 1),
    }


def test_what_is_placed_is_placed_again_when_the_artist_asks(panel):
    """She may have undone it; once more is a layer of its own."""
    paper = Paper()
    job = panel.easel.order(paper, "fill", Wish("a boat"))
    panel.entry(job, "placed")
    panel.easel.place(job, (0,))
    panel.until(lambda: len(paper.placed) == 2 or panel.easel.quote(paper, "fill", Wish()))
    assert paper.placed[0][1] == paper.placed[1][1]


def test_a_variation_is_placed_into_another_document(panel):
    """And fetched again when its pixels were dropped meanwhile."""
    paper, other = Paper(), Paper()
    job = panel.easel.order(paper, "fill", Wish("a boat", count=2))
    panel.entry(job, "ready")
    kept = panel.easel._tools.kept
    kept._blobs.clear()
    panel.easel.place(job, (1,), other)
    panel.entry(job, "placed")
    assert paper.placed == []
    assert [key for key, _ in other.placed] == [placing_key(job, 1, 2)]


def test_a_document_that_does_not_take_it_leaves_the_result_to_be_placed(panel):
    """The entry says why; another document takes it."""
    paper, other = Paper(), Paper()
    paper.refuse = "The image was closed."
    job = panel.easel.order(paper, "fill", Wish("a boat"))
    panel.until(lambda: panel.easel.entries()[0].error)
    entry = panel.easel.entries()[0]
    assert (entry.state, entry.error.message) == ("ready", paper.refuse)
    panel.easel.place(job, (0,), other)
    assert panel.entry(job, "placed").error is None
    assert len(other.placed) == 1


def test_zoom_shows_the_variation_larger(panel):
    """As large as the picture is, at most."""
    paper = Paper(400, 300, (100, 100, 120, 90))
    job = panel.easel.order(paper, "fill", Wish("a boat", count=2))
    panel.entry(job, "ready")
    panel.easel.zoom(job, 1, 300)
    picture = panel.next(Zoomed).picture
    assert 256 < max(picture.width, picture.height) <= 300
    assert len(picture.rgb) == 3 * picture.width * picture.height
    panel.easel.zoom(job, 7, 300)
    assert panel.next(Missed).error.remedy


def test_recent_results_are_found_by_their_words_and_brought(panel):
    """By another panel, into another document; the server keeps what one list discards."""
    paper = Paper()
    job = panel.easel.order(paper, "fill", Wish("an unusual lighthouse", seed=3, count=3))
    panel.entry(job, "ready")
    panel.easel.discard(job)
    assert panel.next(Gone).job == job
    assert panel.easel.entries() == ()
    panel.easel.recent("LIGHTHOUSE")
    found = panel.next(Recent)
    assert ([each.job for each in found.jobs], found.search) == ([job], "LIGHTHOUSE")
    other = Paper()
    before = len(panel.events)
    panel.easel.bring(job, other)
    panel.until(lambda: any(entry.state == "ready" for entry in panel.easel.entries()))
    (entry,) = panel.easel.entries()
    assert (entry.capability, entry.wish.prompt, entry.seed) == ("fill", "an unusual lighthouse", 3)
    assert len(entry.variations) == 3
    panel.easel.place(job, (2,))
    panel.until(lambda: other.placed)
    assert paper.placed == []
    assert len(panel.events) > before


def test_a_job_that_is_not_known_fails_in_words(panel):
    """It may have been dropped at the server."""
    panel.connected()
    panel.easel.bring(bytes(16), Paper())
    assert panel.entry(bytes(16), "failed").error.code == "unknown-job"


def test_a_quote_is_told_with_its_plan_and_only_for_the_newest_question(panel):
    """However fast the artist types."""
    panel.connected()
    paper, told = Paper(), threading.Event()
    canvas = paper.canvas

    def slow():
        told.wait(30)
        return canvas()

    paper.canvas = slow
    panel.easel.quote(paper, "fill", Wish("a"))
    while not panel.easel._quotes._thread.is_alive():
        pass
    for count in range(1, 9):
        panel.easel.quote(paper, "fill", Wish("b", count=count))
    told.set()
    panel.next(Quoted, wanted=lambda each: each.plan is not None)
    paper.mask[:] = 0
    panel.easel.quote(paper, "fill", Wish("c"))
    error = panel.next(Quoted, wanted=lambda each: each.error is not None).error
    assert "Nothing is selected" in error.message
    assert sum(isinstance(each, Quoted) for each in panel.events) <= 3


def test_diagnostics_tell_state_and_errors_but_no_token(panel, served):
    """Nor what was asked for: prompts are nobody else's."""
    connected = panel.connected()
    panel.entry(panel.easel.order(Paper(), "fill", Wish("fail secret-words")), "failed")
    text = panel.easel.diagnostics()
    assert connected.server in text
    assert served.url in text
    assert "1 failed" in text
    assert "As it was told." in text
    assert served.token not in text
    assert "secret-words" not in text


def test_a_server_given_by_hand_is_used_until_it_is_taken_back(
    panel, served, tmp_path, monkeypatch
):
    """Where no file tells of it: in a sandbox, in a container."""
    monkeypatch.setenv("BOTTEGA_DATA", str(tmp_path / "nothing"))
    panel.easel.start()
    assert panel.next(Absent).error.code == "no-server"
    panel.easel.connect_to(served.url.removeprefix("ws://"), f" {served.token}\n")
    assert panel.next(Connected).address.url == served.url
    paper = Paper()
    panel.entry(panel.easel.order(paper, "fill", Wish("a boat")), "placed")
    panel.easel.connect_to(served.url, "wrong")
    panel.next(Absent, wanted=lambda each: each.error.code == "bad-proof")


def test_a_long_day_does_not_fill_the_list(panel, monkeypatch):
    """The oldest that has ended goes; what waits to be picked from stays."""
    monkeypatch.setattr("bottega_client.easel.MOST_ENTRIES", 3)
    paper = Paper()
    ready = panel.easel.order(paper, "fill", Wish("a", count=2))
    panel.entry(ready, "ready")
    jobs = []
    for number in range(4):
        jobs.append(panel.easel.order(paper, "fill", Wish(f"{number}")))
        panel.entry(jobs[-1], "placed")
    assert [entry.job for entry in panel.easel.entries()] == [ready, *jobs[-2:]]
    assert panel.next(Gone).job == jobs[0]
    assert len(history.read(paper.text)) == 4


def test_what_waits_to_be_picked_from_goes_when_nothing_else_has_ended(panel, monkeypatch):
    """The oldest of it, and never what is in flight: the server keeps it."""
    monkeypatch.setattr("bottega_client.easel.MOST_ENTRIES", 2)
    paper, jobs = Paper(), []
    for number in range(3):
        jobs.append(panel.easel.order(paper, "fill", Wish(f"{number}", count=2)))
        panel.entry(jobs[-1], "ready")
    assert [entry.job for entry in panel.easel.entries()] == jobs[1:]
    panel.easel.bring(jobs[0], paper)
    panel.until(lambda: [e.state for e in panel.easel.entries() if e.job == jobs[0]] == ["ready"])


def test_a_stop_ends_the_fetch_of_a_large_image(panel, served, tmp_path):
    """In its midst: the artist does not wait until it has come."""
    slow = Line(int(served.url.rpartition(":")[2]), rate=10**9)
    panel.easel.connect_to(slow.url, served.token)
    paper, (prompt, gate) = Paper(1000, 800, (0, 0, 0, 0)), held(tmp_path)
    job = panel.easel.order(paper, "refine", Wish(prompt))
    panel.entry(job, "painting")
    slow.rate = 200_000
    gate.touch()
    panel.entry(job, "fetching")
    panel.easel.stop(job)
    panel.entry(job, "stopped")
    assert slow.carried["down"] < 1000 * 800 * 4 / 2
    assert paper.placed == []
    slow.close()


def test_more_jobs_than_transfers_may_be_under_way_at_once(panel, tmp_path):
    """Uploads and downloads take turns: none is refused, and the line stands."""
    panel.connected()
    prompt, gate = held(tmp_path)
    papers = [Paper(500, 400, (60, 50, 400, 300)) for _ in range(MOST_TRANSFERS + 4)]
    for number, paper in enumerate(papers):
        paper.picture[..., 0] = number
        paper.mask[300, 300] = number
    jobs = [panel.easel.order(paper, "fill", Wish(prompt)) for paper in papers]
    for job in jobs:
        panel.entry(job, "painting", "queued", "failed")
    gate.touch()
    for job in jobs:
        assert panel.entry(job, "placed", "failed").error is None
    assert [len(paper.placed) for paper in papers] == [1] * len(papers)
    assert sum(isinstance(each, Connected) for each in panel.events) == 1
