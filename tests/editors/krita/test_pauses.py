"""Krita goes on while large pictures are read, painted, fetched and placed."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.editor

MOST = 50
"""Milliseconds of the processor's time that one turn of ours may take."""

STATES = ("idle", "preparing", "queued", "painting", "fetching")
"""Of a job, until its layer is placed."""


@pytest.fixture(scope="module")
def jobs(play, start_server, artifacts):
    """Two jobs at the docker; their figures are kept to be read."""
    served = start_server(None)
    notes = play("pauses", {"server.json": (served.data / "server.json").read_bytes()}).notes
    (artifacts / "krita-pauses.json").write_text(json.dumps(notes, indent=1))
    return notes


@pytest.mark.parametrize("job", ["first", "second"])
def test_the_heart_beats_through_the_whole_job(jobs, job):
    assert jobs[job]["ended"] == "placed"
    assert jobs[f"{job}: beats"] > 100
    assert {"preparing", "painting", "ready"} <= set(jobs[job]["pauses"])


@pytest.mark.parametrize("job", ["first", "second"])
def test_none_of_our_turns_keeps_krita_for_long_until_the_layer_is_placed(jobs, job):
    turns = jobs[job]["turns"]
    assert turns["preparing"][2] > 1
    assert all(turns[state][0] < MOST for state in STATES if state in turns)


@pytest.mark.parametrize("job", ["first", "second"])
def test_a_result_is_laid_down_in_short_turns(jobs, job):
    """In what comes after them Krita works alone: a layer is added to the picture, and drawn."""
    _, laying, count, _ = jobs[job]["turns"]["ready"]
    assert count > 32
    assert laying < MOST
