"""How many steps are made: strength counts steps, and samplers get what they need."""

import pytest

from bottega_backend.offers.steps import LEAST_STEPS, all_steps, steps_to_run
from bottega_backend.offers.table import SAMPLERS
from bottega_backend.shelf.catalog import BUILT_INS


@pytest.mark.parametrize(
    ("steps", "strength", "run"),
    [(20, 1.0, 20), (20, 0.5, 10), (20, 0.0, 1), (20, 0.01, 1), (10, 0.26, 3), (1, 0.5, 1)],
)
@pytest.mark.parametrize("sampler", ["Euler", "Heun", "DPM++ SDE Karras"])
def test_strength_says_how_many_of_the_last_steps_are_run(sampler, steps, strength, run):
    assert steps_to_run(steps, strength, sampler) == run


def test_never_fewer_than_the_sampler_needs():
    model = BUILT_INS[0]
    assert all_steps(1, "DDIM", model) == 2
    assert steps_to_run(20, 0.0, "DDIM") == 2
    assert all_steps(1, "Euler", model) == 1


def test_none_asked_for_means_the_models_own():
    model = BUILT_INS[0]
    assert all_steps(0, "Euler", model) == model.steps


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("strength", [0.0, 0.4, 1.0])
def test_never_more_run_than_there_are(sampler, strength):
    for asked in (1, 2, 3):
        steps = all_steps(asked, sampler, BUILT_INS[0])
        assert LEAST_STEPS.get(sampler, 1) <= steps_to_run(steps, strength, sampler) <= steps
