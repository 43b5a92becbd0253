"""Large pictures are worked on in pieces: little memory, and others get their turn in between."""

import tracemalloc

import numpy as np
import pytest
from fakes.fills import Desk, box, finish, studio
from fakes.tiny import models_folder

from bottega_backend.capabilities.blobs import Blobs
from bottega_backend.imaging import rows
from bottega_backend.workers.interface import Advance, Done, Ended, Stop

WIDTH, HEIGHT = 2048, 1024
PIECE = 2**16
"""Pixels at a time, in place of a million: what is large begins here."""

COLOURS = WIDTH * HEIGHT * 3 * 4
"""Bytes of the picture's red, green and blue as the worker counts with them."""


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch):
    monkeypatch.setattr(rows, "AT_ONCE", PIECE)


@pytest.fixture(scope="module")
def heard():
    """The phases of all units of work; what has none is a rest."""
    return []


@pytest.fixture(scope="module")
def worker(heard):
    one = studio(models_folder(), lambda phase, _: heard.append(phase))
    yield one
    one.close()


def start(folder, **asked):
    folder.mkdir(exist_ok=True)
    slope = np.linspace(0, 255, WIDTH, dtype=np.uint8)
    pixels = np.full((HEIGHT, WIDTH, 4), 255, np.uint8)
    pixels[..., :3] = slope[np.newaxis, :, np.newaxis]
    mask = box(WIDTH, HEIGHT, slice(150, 1950), slice(100, 900))
    few = {"model": "tiny", "prompt": "a boat", "steps": 2, "quality": "draft"}
    return Desk(folder).start(pixels, mask, **few, **asked)


def test_a_large_picture_is_never_whole_in_memory(worker, heard, tmp_path):
    """Its colours alone would take more than all of it; and it rests after every piece.

    A small picture does not rest at all: it would miss those with whom it could share a forward.
    """
    small = Desk(tmp_path).start(
        np.full((64, 64, 4), 9, np.uint8), box(64, 64, slice(9, 50), slice(9, 50)), model="tiny"
    )
    assert isinstance(finish(worker, [small])[small.job], Done)
    assert "denoising" in heard
    assert "" not in heard
    job = start(tmp_path)
    tracemalloc.start()
    assert isinstance(finish(worker, [job])[job.job], Done)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < COLOURS
    assert heard.count("") >= 4 * (WIDTH * HEIGHT // PIECE - 1)


def test_a_small_picture_does_not_wait_for_a_large_one(worker, heard, tmp_path):
    """It comes while the large one is read, and is done before that is as much as begun."""
    job = start(tmp_path)
    heard.clear()
    told = worker.advance(Advance((job,), 1))
    while "" not in heard:
        told = worker.advance(Advance((), 1))
    pixels, mask = np.full((64, 64, 4), 9, np.uint8), box(64, 64, slice(9, 50), slice(9, 50))
    small = Desk(tmp_path, count=1).start(pixels, mask, model="tiny", steps=6, prompt="a boat")
    told = worker.advance(Advance((small,), 1))
    while not any(isinstance(event, Done) for event in told.events):
        told = worker.advance(Advance((), 1))
    assert told.busy
    assert heard.count("denoising") == 6
    worker.advance(Advance((Stop(job.job),), 0))


def test_a_variation_takes_no_turns_while_it_waits_for_what_another_makes_for_all(
    worker, heard, tmp_path
):
    """Looking again and again it would take as long as that does, once for each of them."""
    rests = []
    for count in (1, 3):
        job = start(tmp_path / str(count), count=count)
        heard.clear()
        assert isinstance(finish(worker, [job])[job.job], Done)
        rests.append(heard.count(""))
    assert 0 < rests[1] < 3 * rests[0]


def test_it_can_be_stopped_while_its_layer_is_written(worker, heard, tmp_path):
    """At the next piece; what was written by then is gone."""
    job, results = start(tmp_path), tmp_path / "results"
    heard.clear()
    told = worker.advance(Advance((job,), 1))
    while told.busy and not ("decoding" in heard and list(results.glob("*.partial"))):
        told = worker.advance(Advance((), 1))
    assert told.busy
    told = worker.advance(Advance((Stop(job.job),), 0))
    assert Ended(job.job) in told.events
    assert not list(results.glob("*.partial"))


def test_what_variations_share_is_made_once(tmp_path):
    """And again where it could not be made."""
    blobs, made = Blobs({}, tmp_path), []

    def make() -> int:
        made.append(len(made))
        if len(made) == 1:
            raise OSError("no room")
        return len(made)

    with pytest.raises(OSError, match="no room"):
        blobs.once("edge", make)
    assert [blobs.once("edge", make) for _ in range(3)] == [2, 2, 2]
    assert made == [0, 1]
