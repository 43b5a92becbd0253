"""The engine: together as alone, one job's end is nobody else's, long work is announced."""

import pytest
import torch
from engine.paint import Asked, difference, engine, paint, run, source, task, untapped
from fakes.tiny import FAMILY, models_folder

from bottega_backend.engine.engine import LOADING
from bottega_backend.engine.residence import Source
from bottega_backend.engine.seat import Failed, Finished, Stopped
from bottega_backend.engine.stage import Task

CROWD = (
    Asked("a red cat", "bad", 1, 7, 6.0, "Euler"),
    Asked("a dog", "", 2, 9, 3.5, "Euler a"),
    Asked("a tree at night", "ugly, grey", 3, 12, 8.0, "DPM++ 2M Karras"),
    Asked("", "", 4, 6, 1.0, "DPM++ 2M Karras"),
)


@pytest.fixture(scope="module")
def alone() -> list[torch.Tensor]:
    """What the bare pipelines paint, without any engine."""
    return [paint(asked, untapped()) for asked in CROWD]


def test_jobs_together_paint_what_they_paint_alone(alone):
    """Different prompts, seeds, steps, guidance and samplers, in common forwards."""
    forwards = []
    worker = engine(lambda phase, jobs: forwards.append((phase, len(jobs))))
    for number, asked in enumerate(CROWD):
        worker.add(task(number, asked))
    ends = run(worker)
    worker.close()
    for number, reference in enumerate(alone):
        end = ends[number.to_bytes(16, "big")]
        assert difference(end.value, reference) <= 1e-5
    shared = sum(count >= 2 for _, count in forwards)
    assert shared > len(forwards) / 2, "most forwards carry rows of two or more jobs"


@pytest.mark.parametrize("sampler", ["Euler", "Euler a", "DPM++ 2M Karras"])
def test_the_tolerance_would_notice_a_wrong_seed(sampler):
    right = paint(Asked(seed=1, sampler=sampler), untapped())
    assert difference(paint(Asked(seed=2, sampler=sampler), untapped()), right) > 1e-2


def test_a_cancelled_job_leaves_the_others_unchanged(alone):
    worker = engine()
    for number, asked in enumerate(CROWD):
        worker.add(task(number, asked))
    for _ in range(12):
        worker.advance(1e-9)
    worker.stop((0).to_bytes(16, "big"))
    ends = run(worker)
    worker.close()
    assert isinstance(ends[(0).to_bytes(16, "big")], Stopped)
    for number in (1, 2, 3):
        assert difference(ends[number.to_bytes(16, "big")].value, alone[number]) <= 1e-5


def test_a_job_that_comes_late_joins_the_next_forward():
    together = []
    worker = engine(lambda phase, jobs: together.append(len(jobs)) if phase == "denoising" else 0)
    worker.add(task(0, Asked(steps=10)))
    while len(together) < 4:
        worker.advance(1e-9)
    worker.add(task(1, Asked("late", steps=5)))
    run(worker)
    worker.close()
    assert together[:4] == [1, 1, 1, 1]
    assert together.count(2) == 5


def test_an_error_ends_its_own_job_only(alone):
    worker = engine()

    def broken(stage):
        stage.loaded.unet(torch.zeros(1, 3, 8, 8), 1, torch.zeros(1, 77, 32))

    worker.add(Task(b"broken", source(), broken))
    worker.add(task(0, CROWD[0]))
    ends = run(worker)
    worker.close()
    assert isinstance(ends[b"broken"], Failed)
    assert difference(ends[(0).to_bytes(16, "big")].value, alone[0]) <= 1e-5


def test_a_job_that_leaves_a_mode_switched_is_the_only_one_to_fail(alone):
    worker = engine()

    def careless(stage):
        with torch.autocast("cpu"):
            return paint(CROWD[1], stage.loaded)

    worker.add(Task(b"careless", source(), careless))
    worker.add(task(0, CROWD[0]))
    ends = run(worker)
    worker.close()
    assert isinstance(ends[b"careless"], Failed)
    assert difference(ends[(0).to_bytes(16, "big")].value, alone[0]) <= 1e-5


def test_loading_waits_for_the_slice_that_allows_for_it():
    worker = engine()
    worker.add(task(0, Asked(steps=1)))
    told = worker.advance(1.0)
    assert told.patience == LOADING
    assert told.busy
    assert [(view.phase) for _, view in told.moved] == ["loading"]
    assert worker.advance(1e-9).patience < LOADING
    worker.close()


def test_a_model_that_can_not_be_loaded_ends_its_jobs_and_no_others(tmp_path):
    worker = engine()
    worker.add(Task(b"lost", Source(FAMILY, tmp_path), lambda _: None))
    worker.add(Task(b"strange", Source("of no family", tmp_path), lambda _: None))
    worker.add(task(0, Asked(steps=1)))
    ends = run(worker)
    worker.close()
    assert isinstance(ends[b"lost"], Failed)
    assert ends[b"lost"].error.code == "unreadable"
    assert ends[b"strange"].error.code == "unknown-family"
    assert isinstance(ends[(0).to_bytes(16, "big")], Finished)


def test_a_third_model_waits_until_one_of_two_is_free(tmp_path):
    (tmp_path / "third").symlink_to(models_folder() / "tiny")
    worker = engine()
    worker.add(task(0, Asked(steps=3)))
    worker.add(Task(b"two", Source(FAMILY, models_folder() / "tiny-inpaint"), lambda s: s.loaded))
    worker.add(Task(b"three", Source(FAMILY, tmp_path / "third"), lambda s: s.loaded))
    ends = run(worker)
    worker.close()
    assert ends[b"two"].value.in_channels == 9
    assert ends[b"three"].value.folder.name == "third"


def test_nothing_is_done_without_a_budget():
    worker = engine()
    worker.add(task(0, Asked(steps=1)))
    for _ in range(3):
        assert worker.advance(0.0).busy
    worker.stop((0).to_bytes(16, "big"))
    told = worker.advance(0.0)
    assert [type(end) for end in told.ends] == [Stopped]
    assert not told.busy


def test_stopping_a_job_that_is_not_here_changes_nothing():
    worker = engine()
    worker.stop(b"nobody")
    assert worker.advance(1.0).ends == ()
