"""A server with the step worker, and a conversation with it."""

import pytest
from fakes.served import Served
from fakes.talk import talk


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with Served(tmp_path_factory.mktemp("server") / "data") as server:
        yield server


@pytest.fixture
def served(server):
    """The server of all tests here; its clients hang up after each."""
    yield server
    server.hang_up()


@pytest.fixture
def line(served):
    """A conversation, frame by frame."""
    with talk(served.url, served.token) as speaker:
        yield speaker
