"""What can go wrong in a fill is told with its code and remedy, and the worker goes on."""

from fakes.fills import Desk, box, finish, picture

from bottega_backend.workers.interface import Advance, Broken, Done

MASK = box(64, 64, slice(20, 50), slice(24, 60))


def broken(worker, start) -> Broken:
    end = finish(worker, [start])[start.job]
    assert isinstance(end, Broken)
    assert end.message
    assert end.remedy
    return end


def test_a_model_that_is_not_there_is_told_and_the_worker_goes_on(worker, tmp_path):
    desk = Desk(tmp_path)
    lost = desk.start(picture(64, 64), MASK, model="nobody")
    assert broken(worker, lost).code == "unknown-model"
    after = desk.start(picture(64, 64), MASK, steps=1, model="tiny")
    assert isinstance(finish(worker, [after])[after.job], Done)


def test_a_sampler_that_is_not_there_is_told(worker, tmp_path):
    start = Desk(tmp_path).start(picture(64, 64), MASK, sampler="Euler b", model="tiny")
    assert broken(worker, start).code == "unknown-sampler"


def test_a_wildcard_that_is_not_there_is_told(worker, tmp_path):
    start = Desk(tmp_path).start(picture(64, 64), MASK, prompt="__x__", model="tiny")
    assert broken(worker, start).code == "unknown-wildcard"


def test_pixels_that_are_gone_or_cut_are_told(worker, tmp_path):
    desk = Desk(tmp_path)
    start = desk.start(picture(64, 64), MASK, model="tiny")
    path = desk.blobs[start.request.pixels.sha256]
    path.write_bytes(path.read_bytes()[:-1])
    assert broken(worker, start).code == "bad-message"
    path.unlink()
    assert broken(worker, start).code == "pixels-missing"


def test_a_result_that_can_not_be_written_is_told(worker, tmp_path):
    start = Desk(tmp_path).start(picture(64, 64), MASK, steps=1, model="tiny")
    (tmp_path / "results").rmdir()
    assert broken(worker, start).code == "internal"


def test_previews_and_progress_come_at_most_once_per_slice(worker, tmp_path):
    start = Desk(tmp_path).start(picture(64, 64), MASK, steps=6, model="tiny")
    told, order, steps = [], Advance((start,), 5), []
    while not told or told[-1].busy:
        told.append(worker.advance(order))
        order = Advance((), 5)
        kinds = [type(event).__name__ for event in told[-1].events]
        assert len(kinds) == len(set(kinds))
        steps += [
            e.step
            for e in told[-1].events
            if type(e).__name__ == "Progress" and e.phase == "denoising"
        ]
    assert steps == sorted(steps)
    assert steps
