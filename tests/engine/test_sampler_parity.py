"""Our samplers against k-diffusion's own results (tests/golden/make_sampler_references.py)."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from fakes.denoiser import SHAPE, STEPS, begin, predict_noise

from bottega_backend.engine.samplers import SAMPLERS, make_sampler

REFERENCES = Path(__file__).parent.parent / "golden" / "samplers"
MODEL = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
SAME = {
    "Euler": "euler",
    "Euler a": "euler_ancestral",
    "Heun": "heun",
    "LMS": "lms",
    "DPM2": "dpm_2",
    "DPM2 a": "dpm_2_ancestral",
    "DPM++ 2M": "dpmpp_2m",
    "DPM++ 2M SDE": "dpmpp_2m_sde",
    "DPM++ SDE": "dpmpp_sde",
    "DPM++ 2S a": "dpmpp_2s_ancestral",
    "DPM++ 3M SDE": "dpmpp_3m_sde",
}
ODE = ("Euler", "Heun", "LMS", "DPM2", "DPM++ 2M", "UniPC", "DDIM")
"""Without fresh noise: with ever more steps they all come to the same picture."""


def paint(name: str, steps: int = STEPS, turn: float = 1.0) -> np.ndarray:
    """What a sampler makes of the denoiser; `turn` -1 begins from other noise."""
    sampler = make_sampler(name, MODEL)
    sampler.set_timesteps(steps)
    noise, generator = begin()
    x = turn * noise * sampler.init_noise_sigma
    drawing = {} if name.startswith("UniPC") else {"generator": generator}
    for time in sampler.timesteps:
        predicted = predict_noise(sampler.scale_model_input(x, time), time)
        x = sampler.step(predicted, time, x, return_dict=False, **drawing)[0]
    return x.numpy()


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """Root mean square, relative."""
    return float(np.sqrt(((one - other) ** 2).mean() / (other**2).mean()))


@pytest.mark.parametrize("karras", [False, True])
@pytest.mark.parametrize("name", SAME)
def test_a_sampler_paints_what_k_diffusions_paints(name, karras):
    reference = np.load(REFERENCES / f"{SAME[name]}.npz")["karras" if karras else "plain"]
    name = f"{name} Karras" if karras else name
    assert difference(paint(name), reference) <= 1e-5
    assert difference(paint(name, turn=-1), reference) > 1e-2


@pytest.mark.parametrize("karras", [False, True])
@pytest.mark.parametrize("name", SAME)
def test_its_levels_are_k_diffusions(name, karras):
    reference = np.load(REFERENCES / f"{SAME[name]}.npz")
    sampler = make_sampler(f"{name} Karras" if karras else name, MODEL)
    sampler.set_timesteps(STEPS)
    wanted = reference["karras_sigmas" if karras else "sigmas"]
    assert np.allclose(sampler.levels, wanted, rtol=1e-5)


def test_ddim_is_euler_over_its_own_levels():
    reference = np.load(REFERENCES / "ddim.npz")["plain"]
    assert difference(paint("DDIM", 20), reference) <= 1e-5
    assert difference(paint("DDIM", 20, turn=-1), reference) > 1e-2


@cache
def exact() -> np.ndarray:
    return paint("Heun Karras", 600)


@pytest.mark.parametrize("name", [*ODE, "UniPC Karras"])
def test_samplers_without_fresh_noise_near_the_one_picture(name):
    few, many = difference(paint(name, 20), exact()), difference(paint(name, 200), exact())
    assert few < 0.1
    assert many < few / 2 + 1e-4


@pytest.mark.parametrize("name", SAMPLERS)
def test_steps_are_calls_but_for_samplers_that_call_twice(name):
    sampler = make_sampler(name, MODEL)
    sampler.set_timesteps(7)
    assert len(sampler.timesteps) == (13 if sampler.order == 2 else 7)


@pytest.mark.parametrize("name", [name for name in SAMPLERS if name != "DDIM"])
def test_a_single_step_begins_at_noise(name):
    sampler = make_sampler(name, MODEL)
    sampler.set_timesteps(1)
    assert sampler.timesteps.tolist() == pytest.approx([999])


@pytest.mark.parametrize("name", SAMPLERS)
@pytest.mark.parametrize("steps", [2, 49, 50, 51, 150])
def test_any_number_of_steps_goes_down_to_a_picture(name, steps):
    sampler = make_sampler(name, MODEL)
    sampler.set_timesteps(steps)
    falling = sampler.timesteps.double().diff()
    assert (falling <= 0).all()
    assert len(falling) >= steps - 1
    assert np.isfinite(paint(name, steps)).all()


def test_the_noises_of_one_stochastic_step_belong_to_one_path():
    """Their correlation is the root of the share of the way that they have in common."""
    sampler = make_sampler("DPM++ SDE", MODEL)
    sampler.set_timesteps(10)
    nothing, generator = torch.zeros(1, 4, 100, 100), torch.Generator().manual_seed(0)
    first, second = (
        sampler.step(nothing, time, nothing, generator, return_dict=False)[0].flatten()
        for time in sampler.timesteps[:2]
    )
    begun, middle, end = (float(sigma) for sigma in sampler.sigmas[:3])
    shared = ((begun - middle) / (begun - end)) ** 0.5
    assert float(torch.corrcoef(torch.stack([first, second]))[0, 1]) == pytest.approx(
        shared, abs=0.02
    )
    up = end * (1 - (end / begun) ** 2) ** 0.5
    assert float(second.std()) == pytest.approx(up, rel=0.02)


@pytest.mark.parametrize("name", SAMPLERS)
def test_half_precision_comes_out_as_it_went_in(name):
    sampler = make_sampler(name, MODEL)
    sampler.set_timesteps(4)
    x = torch.randn(SHAPE, generator=torch.Generator().manual_seed(0))
    x = (x * sampler.init_noise_sigma).half()
    for time in sampler.timesteps:
        x = sampler.step(sampler.scale_model_input(x, time), time, x, return_dict=False)[0]
        assert torch.isfinite(x).all()
    assert x.dtype == torch.float16
