"""A real server with the step worker, and a line to it that can be cut."""

import pytest
from fakes.line import Line
from fakes.served import Served


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """One server for the tests of a module."""
    with Served(tmp_path_factory.mktemp("client") / "data") as server:
        yield server
        server.hang_up()


@pytest.fixture
def line(served):
    """A line of this test's own."""
    relay = Line(int(served.url.rpartition(":")[2]))
    yield relay
    relay.close()
