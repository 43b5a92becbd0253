"""Small pictures of kept results: from the blob on disk, of one's own jobs only."""

import pytest
from client.panel import Panel
from fakes.paper import Paper
from fakes.served import Served

from bottega_client.entries import Recent, Seen
from bottega_client.wishes import Wish
from bottega_protocol.errors import Refusal
from bottega_protocol.messages import Finished
from bottega_protocol.thumbnails import sampled


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A server with a job that has finished."""
    with Served(tmp_path_factory.mktemp("pictures") / "data") as server:
        yield server
        server.hang_up()


@pytest.fixture
def panel(served, monkeypatch):
    """A panel whose Easel finds this server."""
    monkeypatch.setenv("BOTTEGA_DATA", str(served.data))
    one = Panel()
    yield one
    one.easel.close()


def test_a_finished_job_shows_its_result(served, panel):
    """The samples are those of the whole picture, however small."""
    job = panel.easel.order(Paper(), "fill", Wish("a boat"))
    panel.entry(job, "placed")
    client = served.client()
    small = client.picture(job, 48)
    done = client.outcome(job)
    assert isinstance(done, Finished)
    image = done.result.layers[0].pixels
    whole = memoryview(client.fetch(image))
    assert (small.width, small.height, small.pixels) == sampled(image, whole, 48)
    assert max(small.width, small.height) == 48


def test_recent_results_come_with_their_pictures(panel):
    """The page first, then each picture once; asked again, from memory."""
    job = panel.easel.order(Paper(), "fill", Wish("a kite"))
    panel.entry(job, "placed")
    panel.easel.recent("kite")
    page = panel.next(Recent)
    assert [each.job for each in page.jobs] == [job]
    seen = panel.next(Seen, panel.events.index(page))
    assert seen.job == job
    assert len(seen.picture.rgb) == 3 * seen.picture.width * seen.picture.height


def test_what_is_not_finished_or_not_known_shows_nothing(served, panel, tmp_path):
    """Told apart from each other only to whom the job belongs."""
    client = served.client()
    with pytest.raises(Refusal) as unknown:
        client.picture(bytes(16), 48)
    assert unknown.value.code == "unknown-job"
    job = panel.easel.order(Paper(), "fill", Wish(f"hold:{tmp_path / 'gate'}"))
    panel.entry(job, "painting")
    with pytest.raises(Refusal) as unfinished:
        client.picture(job, 48)
    assert unfinished.value.code == "no-picture"
    panel.easel.stop(job)
    panel.entry(job, "stopped")
