"""What the log says, for people and for programs, and what it keeps to itself."""

import json
import logging
import sys

import pytest
from fakes.orders import Order
from fakes.served import Served

from bottega_backend.server.logs import JsonLines
from bottega_protocol.messages import Failed, Finished

PROMPT = "a heron, which is nobody's business"
FORGED = "two lines\nand an escape \x1b[2J"


def painted(data, prompt, **log):
    """A job of this prompt, painted by a server that logs so; gives the server and the order."""
    with Served(data, log=log) as served:
        order = Order(prompt)
        assert isinstance(list(order.follow(served.client()))[-1], Finished)
    return served, order


def test_a_line_for_each_event_of_a_job(tmp_path):
    """Accepted, ended: with its number, and what was asked without its words."""
    served, order = painted(tmp_path / "data", PROMPT)
    assert "job 1 accepted: fill, 16x16, 1 of them\n" in served.log()
    assert "job 1 finished\n" in served.log()
    everything = served.log() + (served.data / "worker.log").read_text()
    for secret in ("heron", order.job.hex(), served.token, "local"):
        assert secret not in everything


def test_lines_of_json(tmp_path):
    """Each is an object with time, level and message; those of a job have its number."""
    served, order = painted(tmp_path / "data", PROMPT, json=True)
    lines = [json.loads(line) for line in served.log().splitlines()]
    assert all({"time", "level", "logger", "message"} <= set(line) for line in lines)
    of_job = [line["message"] for line in lines if line.get("job") == 1]
    assert of_job == ["job 1 accepted: fill, 16x16, 1 of them", "job 1 finished"]
    assert {line["id"] for line in lines if "job" in line} == {order.job.hex()}
    assert [line["worker"] for line in lines if "is ready" in line["message"]] == [0]
    assert "heron" not in served.log()


def test_a_failed_job_has_its_code(tmp_path):
    """So that an alert can count them by cause."""
    with Served(tmp_path / "data", log={"json": True}) as served:
        order = Order("die")
        assert isinstance(list(order.follow(served.client()))[-1], Failed)
    lines = [json.loads(line) for line in served.log().splitlines()]
    assert {line["code"] for line in lines if line["message"] == "job 1 failed"} == {"worker-died"}


def test_prompts_are_logged_where_that_is_asked_for(tmp_path):
    """In one line, whatever stands in them."""
    served, _ = painted(tmp_path / "data", FORGED, prompts=True)
    (line,) = [line for line in served.log().splitlines() if "accepted" in line]
    assert line.endswith(repr(FORGED))


def test_quiet_means_warnings_only(tmp_path):
    """A job that is painted is none."""
    served, _ = painted(tmp_path / "data", PROMPT, quiet=True)
    assert served.log() == ""


@pytest.mark.parametrize("message", [FORGED, 'a "quote"', "heißt 赤い"])
def test_a_line_of_json_is_one_line(message):
    """With a traceback too."""
    try:
        int(message)
    except ValueError:
        error = sys.exc_info()
    record = logging.LogRecord("bottega", logging.ERROR, __file__, 1, "%s", (message,), error)
    line = JsonLines().format(record)
    assert "\n" not in line
    assert json.loads(line)["message"] == message
    assert "ValueError" in json.loads(line)["traceback"]
