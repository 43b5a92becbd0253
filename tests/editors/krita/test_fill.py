"""An artist at the docker of the real Krita, with the real server and the built-in model."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from editors.krita.pictures import DEPTHS, ellipse, noise, over
from editors.room import wait_for

from bottega_backend.apprentice.pictures import PICTURES
from bottega_client.client import Client
from bottega_client.launch import find_server

pytestmark = pytest.mark.editor

SIDE = 512
X, Y, WIDTH, HEIGHT = BOX = (330, 40, 130, 130)
STACK = ["Background", "glaze", "varnish"]
PROMPT = "a red ball"
OTHERS = 3
"""Jobs that the scenario puts in the way."""

both_depths = pytest.mark.parametrize("depth", DEPTHS)
"""Also for the fixture `canvas`."""


@pytest.fixture(scope="module")
def served(start_server):
    """A server of these tests' own: they look at its jobs."""
    return start_server(None)


@pytest.fixture(scope="module")
def played(play, served):
    """Krita, once, through everything that these tests look at."""
    random = np.random.default_rng(3)
    photo = skimage.data.astronaut()
    bgra = np.dstack([photo[..., ::-1], np.full((SIDE, SIDE), 255, "u1")])
    meadow = PICTURES[0]
    place = meadow.ellipse
    files = {
        "server.json": (served.data / "server.json").read_bytes(),
        "photo.png": (Path(skimage.data.__file__).parent / "astronaut.png").read_bytes(),
        "photo-U16": (bgra.astype("<u2") * 257).tobytes(),
        "size.json": json.dumps([SIDE, SIDE]).encode(),
        "ellipse": ellipse(HEIGHT, WIDTH).tobytes(),
        "ellipse.json": json.dumps(BOX).encode(),
        "meadow.png": meadow.path.read_bytes(),
        "meadow-mask": ellipse(place.height, place.width, softness=0.25).tobytes(),
        "meadow-ellipse.json": json.dumps([place.x, place.y, place.width, place.height]).encode(),
    }
    for depth in DEPTHS:
        files[f"glaze-{depth}"] = noise(random, depth, np.full((SIDE, SIDE), 0.05))
        files[f"varnish-{depth}"] = noise(random, depth, np.full((SIDE, SIDE), 0.03))
    return play("fill", files)


@pytest.fixture
def canvas(played, depth):
    """A whole canvas that was written down, (height, width, 4)."""
    return lambda name: played.pixels(f"{name}-{depth}", (SIDE, SIDE, 4), DEPTHS[depth][0])


@pytest.fixture(scope="module")
def selection():
    """The selection over the whole canvas, (height, width)."""
    mask = np.zeros((SIDE, SIDE), "u1")
    mask[Y : Y + HEIGHT, X : X + WIDTH] = ellipse(HEIGHT, WIDTH)
    return mask


def test_without_a_server_the_docker_says_what_to_type_and_paints_nothing(played):
    message, status = played.notes["absent"]
    assert "server" in message
    assert "No server" in status
    stage, advice = played.notes["no server"]
    assert stage == "Not painted"
    assert "bottega serve" in advice
    assert _names(played.notes["no server: layers"]) == ["Background"]


def test_a_server_that_appears_is_found_and_its_models_are_offered(played):
    assert "Connected to 127.0.0.1" in played.notes["connected"]
    assert played.notes["settled"]
    assert any("Apprentice" in model for model in played.notes["models"][1:])


@both_depths
def test_the_result_lies_on_top_as_one_layer_with_a_mask_in_one_undo_step(played, depth):
    assert played.notes[f"steps {depth}"] == 1
    assert _names(played.notes[f"names after {depth}"]) == [*STACK, PROMPT]
    assert played.notes[f"masks {depth}"] == ["transparencymask"]
    assert played.notes[f"told {depth}"].startswith("Seed ")


@pytest.fixture
def mask(played, depth):
    """The layer's mask over the whole canvas, (height, width)."""
    return played.pixels(f"mask-{depth}", (SIDE, SIDE))


@pytest.mark.parametrize("depth", ["U8"])
def test_the_mask_is_the_selection_softened_inwards(mask, selection):
    assert (mask <= selection).all()
    assert 0 < (mask < selection).sum() < 0.5 * np.count_nonzero(selection)


@pytest.mark.parametrize("depth", ["U16"])
def test_without_feather_the_mask_is_the_selection(mask, selection):
    assert np.array_equal(mask, selection)


@both_depths
def test_the_flattened_picture_is_the_composite(canvas, mask, depth):
    wanted = over(canvas("before"), canvas("layer"), mask).astype("i8")
    off = np.abs(canvas("after").astype("i8") - wanted)
    soft = (mask > 0) & (mask < 255)
    assert off.max() <= {"U8": 0, "U16": 1}[depth]
    assert not off[~soft].any()


@both_depths
def test_outside_the_selection_nothing_changes_and_inside_it_nearly_all_does(canvas, selection):
    before, after = canvas("before"), canvas("after")
    assert np.array_equal(after[selection == 0], before[selection == 0])
    changed = (after != before).any(axis=-1)
    assert changed[selection == 255].mean() > 0.9


@both_depths
def test_the_layer_reaches_beyond_the_mask(canvas, selection):
    alpha = canvas("layer")[..., 3]
    full = alpha == alpha.max()
    assert full[selection > 0].all()
    assert full.sum() > 1.5 * np.count_nonzero(selection)


@both_depths
def test_one_undo_removes_it_and_redo_brings_it_back(played, canvas, depth):
    assert _names(played.notes[f"names undo {depth}"]) == STACK
    assert np.array_equal(canvas("undo"), canvas("before"))
    assert played.notes[f"names redo {depth}"] == played.notes[f"names after {depth}"]
    assert np.array_equal(canvas("redo"), canvas("after"))


def test_the_docker_shows_what_goes_on(played):
    assert {"Painting", "preview"} <= set(played.notes["seen U8"])


def test_a_chosen_seed_is_taken_and_a_random_one_differs_each_time(played):
    told = [played.notes[name].partition(",")[0] for name in ("told U8", "told U16", "world")]
    assert told[2] == "Seed 1"
    assert len(set(told)) == 3


def test_cancel_stops_the_job_and_leaves_the_document_alone(played):
    assert played.notes["stopped"] == "Stopped. Nothing was placed."
    assert played.notes["stopped: unchanged"]


def test_the_docker_shows_how_many_jobs_are_ahead(played):
    waited = [told for told in played.notes["queued"] if "ahead" in told]
    assert waited
    assert all(int(told.split()[0]) >= 1 for told in waited)


@pytest.mark.usefixtures("played")
def test_the_server_agrees_about_what_became_of_every_job(served):
    with _client(served) as client:
        states = Counter(job.state for job in client.results())
    assert states == {"finished": 3, "cancelled": 2 + OTHERS}


def test_krita_closes_while_a_job_runs_and_the_job_goes_on(play, served):
    with _client(served) as client:
        before = {job.job for job in client.results()}
    files = {"server.json": (served.data / "server.json").read_bytes()}
    assert play("closing", files, BOTTEGA_QUIT="1").notes["closing"]
    with _client(served) as client:
        wait_for(lambda: _states(client, before) == ["finished"], "the job's end", limit=120)


def _states(client, before):
    return [job.state for job in client.results() if job.job not in before]


@contextlib.contextmanager
def _client(served):
    client = Client(find_server(served.data), "tests")
    client.connect()
    try:
        yield client
    finally:
        client.close()


def _names(nodes):
    return [name for name, kind, _ in nodes if kind != "selectionmask"]
