"""Fill with every sampler: its steps, its seed, and together with a job of another sampler."""

from collections import Counter

import numpy as np
import pytest
from fakes.fills import Desk, box, finish, painted, picture, studio
from fakes.tiny import models_folder

from bottega_backend.offers.table import SAMPLERS
from bottega_backend.workers.interface import Advance, Done
from bottega_protocol.images import Layout
from bottega_protocol.messages import Progress

FLOATS = Layout("RGBA", "f32")
PIXELS = picture(64, 64, FLOATS)
SOFT = (box(64, 64, slice(12, 56), slice(8, 48)) * np.linspace(0.4, 1, 64)).astype(np.uint8)
STEPS = 5
TWICE = ("Heun", "DPM2", "DPM++ SDE", "DPM++ 2S a")
"""How the names of samplers begin that call the model twice in each step but the last."""

EVERY = [
    (sampler, model, strength)
    for sampler in SAMPLERS
    for model in ("tiny", "tiny-inpaint")
    for strength in (1.0, 0.4)
]
PAIRS = [
    (SAMPLERS[n - 1], sampler, model, strength)
    for n, sampler in enumerate(SAMPLERS)
    for model, strength in (("tiny", 1.0), ("tiny-inpaint", 0.4))
]


class Hands:
    """A worker that remembers what it painted alone, and which jobs shared a forward."""

    def __init__(self, folder):
        self.desk = Desk(folder, FLOATS)
        self.heard = []
        self.worker = studio(models_folder(), lambda phase, jobs: self.heard.append((phase, jobs)))
        self.known = {}

    def start(self, sampler, model, strength, seed=7):
        asked = {"prompt": "a cat", "guidance": 3.0, "steps": STEPS, "seed": seed}
        asked |= {"sampler": sampler, "model": model, "strength": strength}
        return self.desk.start(PIXELS, SOFT, **asked)

    def paint(self, *starts):
        """Pictures, and how many forwards of the denoiser carried how many jobs."""
        self.heard.clear()
        ends = finish(self.worker, starts)
        assert all(isinstance(end, Done) for end in ends.values()), ends
        jobs = Counter(len(jobs) for phase, jobs in self.heard if phase == "denoising")
        return [painted(ends[start.job]) for start in starts], jobs

    def alone(self, *asked):
        """What a request paints alone, and its calls of the model."""
        if asked not in self.known:
            (one,), jobs = self.paint(self.start(*asked))
            self.known[asked] = one, jobs[1]
        return self.known[asked]


@pytest.fixture(scope="module")
def hands(tmp_path_factory):
    one = Hands(tmp_path_factory.mktemp("hands"))
    yield one
    one.worker.close()


def difference(one, other):
    return float(np.abs(one - other).max() / np.abs(other).max())


@pytest.mark.parametrize(("sampler", "model", "strength"), EVERY)
def test_a_sampler_runs_its_steps_and_paints_a_picture(hands, sampler, model, strength):
    one, calls = hands.alone(sampler, model, strength)
    steps = round(STEPS * strength)
    assert calls == (2 * steps - 1 if sampler.startswith(TWICE) else steps)
    assert np.isfinite(one).all()
    assert one[..., :3].std() > 0.01


@pytest.mark.parametrize(("sampler", "model", "strength"), EVERY)
def test_the_seed_alone_decides(hands, sampler, model, strength):
    one, _ = hands.alone(sampler, model, strength)
    (again,), _ = hands.paint(hands.start(sampler, model, strength))
    assert np.array_equal(again, one)
    (other,), _ = hands.paint(hands.start(sampler, model, strength, seed=8))
    assert difference(other, one) > 1e-2


@pytest.mark.parametrize(("first", "second", "model", "strength"), PAIRS)
def test_together_with_another_sampler_is_as_alone(hands, first, second, model, strength):
    alone = [hands.alone(sampler, model, strength) for sampler in (first, second)]
    starts = [hands.start(sampler, model, strength) for sampler in (first, second)]
    together, jobs = hands.paint(*starts)
    for one, (other, _) in zip(together, alone, strict=True):
        assert difference(one, other) <= 1e-5
    assert jobs[2] == min(calls for _, calls in alone), "they share what they can"
    assert difference(alone[0][0], alone[1][0]) > 1e-4, "two samplers, two pictures"


@pytest.mark.parametrize("sampler", ["Euler", "Heun", "DPM++ SDE Karras", "DPM2 a"])
def test_progress_counts_steps_not_calls(hands, sampler):
    start = hands.start(sampler, "tiny", 1.0)
    told = [hands.worker.advance(Advance((start,), 1))]
    while told[-1].busy:
        told.append(hands.worker.advance(Advance((), 1)))
    progress = [
        (event.step, event.steps)
        for each in told
        for event in each.events
        if isinstance(event, Progress) and event.phase == "denoising" and event.steps
    ]
    assert progress == sorted(progress)
    assert {steps for _, steps in progress} == {STEPS}
    assert progress[-1][0] <= STEPS
