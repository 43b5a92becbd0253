"""The soft mask: every cell is set free in its own time, and the rest stays the original."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from bottega_backend.capabilities.soft_mask import SoftMask, steps_made
from bottega_backend.engine.samplers import SAMPLERS, make_sampler

STEPS = 10
ORIGINAL, NOISE, PAINTED = torch.randn(3, 1, 4, 1, 4, generator=torch.Generator().manual_seed(0))


def free_after(step: int, cells: list[float]) -> list[bool]:
    """Which cells carry what was painted, after so many steps of ten."""
    sampler = make_sampler("Euler", {"beta_schedule": "scaled_linear"})
    sampler.set_timesteps(STEPS)
    pipeline = SimpleNamespace(num_timesteps=STEPS, scheduler=sampler)
    mask = SoftMask(torch.tensor(cells).reshape(1, 1, 1, -1), ORIGINAL, NOISE)
    out = mask.apply(pipeline, step - 1, PAINTED)
    return [torch.equal(out[..., n], PAINTED[..., n]) for n in range(len(cells))]


def test_the_fuller_the_mask_the_earlier_a_cell_is_free():
    cells = [0.0, 0.25, 0.55, 1.0]
    assert free_after(1, cells) == [False, False, False, True]
    assert free_after(5, cells) == [False, False, True, True]
    assert free_after(8, cells) == [False, True, True, True]
    assert free_after(STEPS, cells) == [False, True, True, True]


def test_what_is_not_free_yet_is_the_original_with_the_noise_of_the_coming_step():
    sampler = make_sampler("Euler", {"beta_schedule": "scaled_linear"})
    sampler.set_timesteps(STEPS)
    pipeline = SimpleNamespace(num_timesteps=STEPS, scheduler=sampler)
    mask = SoftMask(torch.zeros(1, 1, 1, 4), ORIGINAL, NOISE)
    out = mask.apply(pipeline, 3, PAINTED)
    assert torch.allclose(out, ORIGINAL + NOISE * sampler.sigmas[4], atol=1e-4)
    assert torch.equal(mask.apply(pipeline, STEPS - 1, PAINTED), ORIGINAL)


def test_both_calls_of_a_step_see_the_same_cells_free():
    sampler = make_sampler("Heun", {"beta_schedule": "scaled_linear"})
    sampler.set_timesteps(3)
    pipeline = SimpleNamespace(num_timesteps=5, scheduler=sampler)
    assert [steps_made(pipeline, call) for call in range(5)] == [
        (1, 3),
        (1, 3),
        (2, 3),
        (2, 3),
        (3, 3),
    ]
    mask = SoftMask(torch.tensor([0.2, 0.5, 0.9, 1.0]).reshape(1, 1, 1, -1), ORIGINAL, NOISE)
    free = [
        [torch.equal(out[..., n], PAINTED[..., n]) for n in range(4)]
        for out in (mask.apply(pipeline, call, PAINTED) for call in range(5))
    ]
    assert free[0] == free[1] == [False, False, True, True]
    assert free[2] == free[3] == [False, True, True, True]
    assert free[4] == [True, True, True, True]


@pytest.mark.parametrize("skipped", [0, 3])
@pytest.mark.parametrize("name", SAMPLERS)
def test_what_is_put_back_has_the_noise_that_the_sample_has(name, skipped):
    """A model that knows the picture, which is nothing: what is left in the sample is noise."""
    sampler = make_sampler(name, {"beta_start": 0.00085, "beta_schedule": "scaled_linear"})
    sampler.set_timesteps(STEPS)
    times = sampler.timesteps[skipped * sampler.order :]
    if hasattr(sampler, "set_begin_index"):
        sampler.set_begin_index(skipped * sampler.order)
    pipeline = SimpleNamespace(num_timesteps=len(times), scheduler=sampler)
    nothing = torch.zeros(1, 4, 48, 48)
    noise = torch.randn(nothing.shape, generator=torch.Generator().manual_seed(1))
    x = sampler.add_noise(nothing, noise, times[:1])
    mask = SoftMask(torch.zeros(1, 1, 48, 48), nothing, noise)
    shares = sampler.alphas_cumprod.log().numpy()
    for call, time in enumerate(times):
        share = np.exp(np.interp(float(time), np.arange(len(shares)), shares))
        predicted = sampler.scale_model_input(x, time) / (1 - share) ** 0.5
        x = sampler.step(predicted, time, x, return_dict=False)[0]
        if call + 1 < len(times):
            back = mask.apply(pipeline, call, x)
            assert float(x.std()) == pytest.approx(float(back.std()), rel=0.06)
