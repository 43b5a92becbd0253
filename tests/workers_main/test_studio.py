"""A worker's jobs and attempts, without the pipe."""

from collections import Counter
from dataclasses import replace

from fakes.fills import Desk, box, finish, picture, studio
from fakes.tiny import models_folder

from bottega_backend.engine.device import choose_device
from bottega_backend.shelf.catalog import Catalog
from bottega_backend.workers.interface import Advance, Broken, Done, Ended, Start, Stop, Weigh
from bottega_backend.workers.studio import Studio

MASK = box(64, 64, slice(16, 40), slice(16, 40))


def job(folder, **asked) -> Start:
    return Desk(folder).start(picture(64, 64), MASK, **{"model": "tiny", "steps": 2, **asked})


def names(events) -> list[str]:
    return [type(event).__name__ for event in events]


def test_a_job_that_is_told_twice_is_done_once(tmp_path):
    worker, start = studio(models_folder()), job(tmp_path)
    assert isinstance(finish(worker, [start, start])[start.job], Done)
    worker.close()


def test_a_job_can_begin_again_in_the_breath_in_which_it_is_stopped(tmp_path):
    worker, start = studio(models_folder()), job(tmp_path)
    assert worker.advance(Advance((start,), 1000)).busy
    told = worker.advance(Advance((Stop(start.job), replace(start, attempt=2)), 0))
    assert names(told.events) == ["Ended", "Progress"], "the new attempt waits for its model"
    ended = finish(worker, [])[start.job]
    assert isinstance(ended, Done)
    assert ended.attempt == 2
    worker.close()


def test_a_stop_for_a_job_that_has_ended_is_not_answered(tmp_path):
    worker, start = studio(models_folder()), job(tmp_path)
    finish(worker, [start])
    told = worker.advance(Advance((Stop(start.job),), 100))
    assert (told.events, told.busy) == ((), False)
    worker.close()


def test_every_end_says_which_attempt_it_was(tmp_path):
    worker = studio(models_folder())
    start = replace(job(tmp_path, sampler="none"), attempt=7)
    ended = finish(worker, [start])[start.job]
    assert isinstance(ended, Broken)
    assert ended.attempt == 7
    worker.close()


def test_what_a_library_wrote_into_its_exception_is_made_sayable(tmp_path):
    worker = studio(models_folder())
    start = job(tmp_path, model="no\ud7ffbody" + "x" * 180)
    ended = finish(worker, [start])[start.job]
    assert isinstance(ended, Broken)
    assert ended.remedy
    worker.close()


def test_closing_gives_every_job_up(tmp_path):
    worker, start = studio(models_folder()), job(tmp_path, steps=50)
    for _ in range(3):
        worker.advance(Advance((start,), 1))
    worker.close()
    told = worker.advance(Advance((), 0))
    assert [type(event) for event in told.events] == [Ended]
    assert not told.busy


def test_the_jobs_of_the_next_piece_of_work_are_named_and_their_time_is_told(tmp_path):
    """By the server's own ids; variations count as their job. Not repeated while they stay."""
    named, spent = [], Counter()
    device = choose_device("cpu")
    worker = Studio(Catalog(models_folder()), device, warn=lambda one: named.append(one.jobs))
    start = job(tmp_path, count=2)
    told = worker.advance(Advance((start, Weigh(start.job, 0.5)), 1000))
    spent.update({one.job: one.seconds for one in told.spent})
    while told.busy:
        told = worker.advance(Advance((), 1000))
        spent.update({one.job: one.seconds for one in told.spent})
    worker.close()
    assert named == [(start.job,)]
    assert set(spent) == {start.job}
