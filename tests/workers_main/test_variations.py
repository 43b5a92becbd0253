"""Variations of one job: each is what it would be alone, and they share their forwards."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes.fills import RGBA8, Desk, box, finish, picture, studio
from fakes.tiny import models_folder

from bottega_backend.offers.variations import each_alone
from bottega_backend.workers.interface import Advance, Broken, Done, Ended, Start, Stop
from bottega_protocol.jobs import PHASES
from bottega_protocol.messages import Preview, Progress
from bottega_protocol.regions import Rectangle, Size
from bottega_protocol.requests import GenerateRequest

MASK = box(64, 64, slice(16, 40), slice(16, 40))
STEPS = 4


def job(folder, **asked) -> Start:
    asked = {"model": "tiny", "steps": STEPS, "guidance": 4.0, "prompt": "a boat", **asked}
    return Desk(folder).start(picture(64, 64), MASK, **asked)


def pixels(done: Done, variation: int) -> np.ndarray:
    """What one variation has painted."""
    (layer,) = [layer for layer in done.result.layers if layer.variation == variation]
    files = {blob.sha256: blob.path for blob in done.files}
    return np.frombuffer(Path(files[layer.pixels.sha256]).read_bytes(), np.uint8)


def advance_all(worker, *commands) -> list:
    """Every event until there is nothing left to do, a unit of work at a time."""
    events, told = [], worker.advance(Advance(commands, 1))
    while told.busy:
        events += told.events
        told = worker.advance(Advance((), 1))
    return [*events, *told.events]


def test_each_variation_is_what_it_would_be_alone(tmp_path):
    """To the pixel of 8 bits or one level; of another seed it differs."""
    worker = studio(models_folder())
    start = job(tmp_path, prompt="a {red|blue|green} ball", seed=2**32 - 2, count=4)
    done = finish(worker, [start])[start.job]
    assert [layer.variation for layer in done.result.layers] == [0, 1, 2, 3]
    assert [told.seed for told in done.result.variations] == [2**32 - 2, 2**32 - 1, 0, 1]
    alone = each_alone(start.request, lambda _: ())
    assert len({one.prompt for one in alone}) > 1, "they choose differently"
    for number, request in enumerate(alone):
        single = replace(start, job=bytes((number,)) * 16, request=request)
        other = finish(worker, [single])[single.job]
        assert other.result.variations == ()
        assert other.result.recipe.prompt == request.prompt
        told = done.result.variations[number].prompt
        assert (told or done.result.recipe.prompt) == request.prompt
        far = np.abs(pixels(done, number).astype(int) - pixels(other, 0)).max()
        assert far <= 1
        assert (pixels(done, (number + 1) % 4) != pixels(other, 0)).any()
    worker.close()


def test_variations_share_their_forwards(tmp_path):
    """Eight of two rows each: every step takes two forwards of eight rows."""
    forwards = []
    worker = studio(models_folder(), lambda phase, jobs: forwards.append((phase, len(jobs))))
    start = job(tmp_path, count=8)
    assert isinstance(finish(worker, [start])[start.job], Done)
    steps = Counter(size for phase, size in forwards if phase == "denoising")
    assert steps == {4: 2 * STEPS}
    worker.close()


def test_progress_is_the_mean_and_never_goes_back(tmp_path):
    """Phases and steps in order; the last step is followed by decoding in the same breath."""
    worker = studio(models_folder())
    events = advance_all(worker, job(tmp_path, count=3))
    seen = [(PHASES.index(e.phase), e.step) for e in events if isinstance(e, Progress)]
    assert seen == sorted(set(seen)), "forwards, and nothing is told twice"
    assert {(PHASES.index("denoising"), step) for step in range(1, STEPS)} <= set(seen)
    assert {e.steps for e in events if isinstance(e, Progress) and e.step} == {STEPS}
    previews = [e for e in events if isinstance(e, Preview)]
    assert STEPS - 1 <= len(previews) <= STEPS
    worker.close()


def test_a_stop_ends_every_variation_and_is_answered_once(tmp_path):
    """Wherever they are."""
    worker, start = studio(models_folder()), job(tmp_path, steps=20, count=8)
    events = []
    while not any(isinstance(event, Preview) for event in events):
        events = worker.advance(Advance((start,), 1)).events
    events = advance_all(worker, Stop(start.job))
    assert [event for event in events if not isinstance(event, (Progress, Preview))] == [
        Ended(start.job)
    ]
    again = job(tmp_path, count=2, steps=2)
    assert isinstance(finish(worker, [again])[again.job], Done), "the worker is well"
    worker.close()


def test_one_variation_that_fails_fails_the_job(tmp_path):
    """Once, with its own words; the others are not painted to their end."""
    worker, start = studio(models_folder()), job(tmp_path, steps=20, count=4)
    told = worker.advance(Advance((start,), 1))
    while not any(isinstance(event, Preview) for event in told.events):
        told = worker.advance(Advance((), 1))
    attempt = next(iter(worker._attempts.values()))
    key = attempt.variations[2].key
    worker._engine._running[key].throw(RuntimeError("no luck"))
    worker._engine._settle(worker._engine._running[key])
    events = [e for e in advance_all(worker) if not isinstance(e, (Progress, Preview))]
    assert [type(event) for event in events] == [Broken]
    assert "no luck" in events[0].message
    assert not worker._engine._running
    worker.close()


def test_of_large_pictures_only_as_many_begin_as_memory_takes(tmp_path, monkeypatch):
    """The others follow when one has ended."""
    monkeypatch.setattr("bottega_backend.workers.attempt.MOST_PIXELS", 2 * 64 * 64)
    worker, start = studio(models_folder()), job(tmp_path, count=5)
    most, told = 0, worker.advance(Advance((start,), 1))
    while told.busy:
        most = max(most, len(worker._engine._running) + len(worker._engine._waiting))
        told = worker.advance(Advance((), 1))
    (done,) = [event for event in told.events if isinstance(event, Done)]
    assert most == 2
    assert [layer.variation for layer in done.result.layers] == [0, 1, 2, 3, 4]
    worker.close()


@pytest.mark.parametrize("count", [2, 8])
def test_variations_together_weigh_what_one_job_does(tmp_path, count):
    """A single job beside many variations is in every forward from its first step on."""
    forwards = []
    worker = studio(models_folder(), lambda *seen: forwards.append(seen))
    desk = Desk(tmp_path)
    asked = {"model": "tiny", "steps": 12, "guidance": 4.0, "prompt": "a boat"}
    many = desk.start(picture(64, 64), MASK, count=count, **asked)
    one = desk.start(picture(64, 64), MASK, seed=77, **{**asked, "steps": 6})
    finish(worker, [many, one])
    steps = [jobs for phase, jobs in forwards if phase == "denoising"]
    with_one = [jobs for jobs in steps if any(key[:16] == one.job for key in jobs)]
    assert len(with_one) == 6
    assert sum(len(jobs) > 1 for jobs in with_one) >= 5
    first = steps.index(with_one[0])
    assert steps.index(with_one[-1]) - first <= 7, "it is never kept waiting"
    worker.close()


def test_variations_without_a_picture(tmp_path):
    """Text to image, no blobs at all: a layer each, without a mask."""
    worker = studio(models_folder())
    size = Size(64, 64)
    request = GenerateRequest(
        canvas=size,
        rectangle=Rectangle(0, 0, 64, 64),
        layout=RGBA8,
        prompt="a boat",
        model="tiny",
        steps=2,
        count=2,
    )
    start = Start(bytes(16), 1, request, (), str(tmp_path))
    done = finish(worker, [start])[start.job]
    assert isinstance(done, Done)
    assert [(layer.variation, layer.mask) for layer in done.result.layers] == [(0, None), (1, None)]
    assert (pixels(done, 0) != pixels(done, 1)).any()
    assert {blob.sha256 for blob in done.files} == {image.sha256 for image in done.result.images()}
    worker.close()
