"""The figures of meaning: measured on real paintings, each beside what it is to be held against."""

import numpy as np
import pytest

from bottega_backend.apprentice.world.render import render
from bottega_backend.apprentice.world.scene import is_held_out
from bottega_backend.bench.meaning import hole_around, judged_scenes, measure
from bottega_backend.bench.painter import Painter

SCENES = 8


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """The figures of a few scenes, painted by the Apprentice."""
    painter = Painter(tmp_path_factory.mktemp("bench"), "cpu")
    yield measure(painter, SCENES)
    painter.close()


def test_every_figure_stands_beside_its_bounds(measured):
    """Shares lie between 0 and 1, and the judge is nearly always right about the truth."""
    shares = [figure for figure in measured.figures if figure.unit == "share"]
    assert {"sky", "ground", "colour", "kind", "light"} <= {figure.name for figure in shares}
    assert all(0 <= figure.value <= 1 for figure in shares)
    truth = [figure.truth for figure in shares if figure.name in ("sky", "ground", "colour")]
    assert min(truth) == 1


def test_removing_a_thing_comes_nearer_to_the_truth(measured):
    """Nearer than leaving the thing where it stands."""
    error = next(figure for figure in measured.figures if figure.unit == "levels")
    assert 0 < error.value < 0.8 * error.chance


def test_judged_scenes_were_never_trained():
    """Every one is of a held-out combination; the others are not, and the two differ."""
    unseen, seen = judged_scenes(20, held_out=True), judged_scenes(20, held_out=False)
    assert all(is_held_out(scene.things[0]) for scene in unseen)
    assert not any(is_held_out(scene.things[0]) for scene in seen)


def test_what_is_asked_is_what_was_given(tmp_path):
    """What is kept of a picture is what was given, and a mask's hole holds the thing."""
    painter = Painter(tmp_path, "cpu")
    scene = judged_scenes(1, held_out=True)[0]
    picture = render(scene, 64)
    image = painter.keep(picture)
    kept = np.frombuffer((tmp_path / image.sha256.hex()).read_bytes(), np.uint8)
    assert np.array_equal(kept.reshape(64, 64, 4)[..., :3], picture)
    hole = hole_around(scene, 64)
    assert 0.01 < hole.mean() < 0.5
    painter.close()
