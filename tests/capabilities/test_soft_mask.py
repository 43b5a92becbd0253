"""The soft mask: every cell is set free in its own time, and the rest stays the original."""

from types import SimpleNamespace

import torch

from bottega_backend.capabilities.soft_mask import SoftMask
from bottega_backend.engine.samplers import make_sampler

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
