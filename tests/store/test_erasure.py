"""Erasing one artist: nothing of his is left in the data folder, nothing of others is touched."""

import subprocess
import sys

import pytest
from fakes.orders import Order, submit
from fakes.served import Served
from fakes.talk import talk

from bottega_backend.errors import StoreFailed
from bottega_backend.store.artists import Artists
from bottega_backend.store.blobs import account_folder
from bottega_backend.store.erasure import erase
from bottega_protocol.messages import Finished, Follow, Progress

TOKENS = {"anna": "the token of anna", "ben": "the token of ben"}
PROMPT = "a heron that only anna knows of"


@pytest.fixture
def studio(tmp_path):
    """Two artists, each with a picture that was painted."""
    with Served(tmp_path / "data", accounts=TOKENS) as served:
        orders = {}
        for name, token in TOKENS.items():
            orders[name] = Order(f"{PROMPT} {name}", side=64)
            ended = list(orders[name].follow(served.client(name, token)))[-1]
            assert isinstance(ended, Finished)
        served.hang_up()
        yield served, orders


def holds(folder, words):
    """Files of a folder that hold these bytes."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if words in path.read_bytes()]


def test_nothing_is_left_beside_a_running_server(studio):
    """Prompts, ids and pixels, also in free pages of the database and in its log."""
    served, orders = studio
    anna, ben = orders["anna"], orders["ben"]
    assert holds(served.data, f"{PROMPT} anna".encode())
    assert holds(served.data, anna.negative)
    _revoke(served.data)
    gone = erase(served.data, "anna", running=True)
    assert (gone.jobs, gone.files) == (1, len(anna.blobs) + 1)
    for trace in (f"{PROMPT} anna".encode(), anna.job, anna.pixels, anna.mask, anna.negative):
        assert holds(served.data, trace) == []
    assert not (served.data / "blobs" / account_folder("anna")).exists()
    client = served.client("ben", TOKENS["ben"])
    assert [summary.job for summary in client.results()] == [ben.job]
    again = list(ben.follow(client))[-1]
    assert client.fetch(again.result.layers[0].pixels) == ben.negative


def test_what_runs_is_withdrawn_first(studio, tmp_path):
    """The server lets go of a revoked artist's jobs; until then nothing is erased."""
    served, _ = studio
    gate = tmp_path / "gate"
    with talk(served.url, TOKENS["anna"], "anna") as line:
        held = Order(f"hold:{gate}")
        submit(line, held)
        line.ask(Follow(held.job), Progress)
        with pytest.raises(StoreFailed, match="let go"):
            erase(served.data, "anna", running=True, seconds=0.3)
        _revoke(served.data)
        line.to_the_end()
    assert erase(served.data, "anna", running=True, seconds=30).jobs == 2
    assert holds(served.data, held.job) == []


def test_without_a_server_too(studio):
    """What waited in the journal goes with the rest; whoever has nothing is erased at once."""
    served, orders = studio
    served.stop()
    assert erase(served.data, "anna", running=False).jobs == 1
    assert erase(served.data, "anna", running=False).jobs == 0
    assert holds(served.data, orders["anna"].job) == []
    assert erase(served.data / "nowhere", "anna", running=False).files == 0


def test_as_it_is_typed(studio):
    """One command; the name is free afterwards."""
    served, orders = studio
    words = [sys.executable, "-m", "bottega_backend.cli.main", "artists", "erase", "anna"]
    done = subprocess.run(
        [*words, "--yes", "--data", served.data],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert holds(served.data, orders["anna"].job) == []
    artists = Artists(served.data)
    assert [artist.account for artist in artists.everyone()] == ["ben"]
    artists.close()


def _revoke(folder):
    artists = Artists(folder)
    artists.revoke("anna")
    artists.close()
