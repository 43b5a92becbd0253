"""What lies in the data folder is its owner's alone, and no client names a path in it."""

import os
import stat

import pytest
from fakes.orders import Order
from fakes.served import Served

from bottega_backend.shelf.catalog import BUILT_IN
from bottega_backend.store.artists import Artists
from bottega_protocol.errors import Refusal
from bottega_protocol.messages import Finished

ANNAS = "the token of anna"


@pytest.fixture
def studio(tmp_path):
    """A server with an artist that was started in a careless shell, after a job."""
    before = os.umask(0)
    try:
        with Served(tmp_path / "data", accounts={"anna": ANNAS}) as served:
            ended = list(Order().follow(served.client("anna", ANNAS)))[-1]
            assert isinstance(ended, Finished)
            served.hang_up()
            yield served
    finally:
        os.umask(before)


def test_nothing_is_open_to_others(studio):
    """Neither a file nor a folder, however the shell was set that started the server."""
    artists = Artists(studio.data)
    artists.invite("anna")
    artists.close()
    paths = [studio.data, *studio.data.rglob("*")]
    assert {"artists.sqlite", "bottega.sqlite3", "server.json", "worker.log", "blobs"} <= {
        path.name for path in paths
    }
    modes = {str(path.relative_to(studio.data)): path.stat().st_mode for path in paths}
    assert {name: oct(mode) for name, mode in modes.items() if stat.S_IMODE(mode) & 0o077} == {}


NO_MODELS = (
    str(BUILT_IN / "base"),
    "../models/base",
    "apprentice/../apprentice",
    "apprentice/",
    "APPRENTICE",
    "file:///etc/passwd",
    "https://huggingface.co/some/model",
)


def test_a_model_is_a_word_of_the_list_and_no_path(studio):
    """Whatever else is named is not looked for, neither on the disk nor on the network."""
    client = studio.client("anna", ANNAS)
    for name in NO_MODELS:
        with pytest.raises(Refusal) as caught:
            list(Order(model=name).follow(client))
        assert caught.value.code == "unknown-model"
