"""Samplers: every setting is one that its class knows, and the model's own training is kept."""

import inspect

import pytest
import torch
from fakes.denoiser import SHAPE

from bottega_backend.engine.samplers import SAMPLERS, CleanRecord, make_sampler, spacing
from bottega_backend.offers.steps import LEAST_STEPS
from bottega_backend.offers.table import SAMPLERS as OFFERED
from bottega_protocol.errors import Refusal

TRAINED = {
    "num_train_timesteps": 1000,
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "prediction_type": "v_prediction",
    "timestep_spacing": "trailing",
    "_class_name": "PNDMScheduler",
    "skip_prk_steps": True,
}


def test_the_samplers_are_the_ones_that_are_offered():
    assert tuple(SAMPLERS) == OFFERED


@pytest.mark.parametrize("name", SAMPLERS)
def test_every_setting_is_a_parameter_of_its_class(name):
    """Others would be stored in the config and silently ignored."""
    known = inspect.signature(SAMPLERS[name].kind.__init__).parameters
    assert {*SAMPLERS[name].settings, *spacing(SAMPLERS[name], TRAINED)} <= set(known)


def test_names_that_need_more_than_one_step_are_names_of_samplers():
    assert set(LEAST_STEPS) <= set(SAMPLERS)


@pytest.mark.parametrize("name", SAMPLERS)
@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
def test_what_the_model_was_trained_with_is_kept(name, prediction):
    sampler = make_sampler(name, {**TRAINED, "prediction_type": prediction})
    assert sampler.config.prediction_type == prediction
    assert sampler.config.beta_schedule == "scaled_linear"
    assert sampler.alphas_cumprod[-1] == pytest.approx(0.0047, abs=1e-4)


@pytest.mark.parametrize("name", SAMPLERS)
@pytest.mark.parametrize("model", [TRAINED, {**TRAINED, "rescale_betas_zero_snr": True}])
def test_a_v_prediction_model_that_knows_the_picture_paints_it(name, model):
    """V = sqrt(a) noise - sqrt(1 - a) picture = (sqrt(a) x - picture) / sqrt(1 - a)."""
    noise, picture = torch.randn(2, *SHAPE, generator=torch.Generator().manual_seed(3))
    sampler = make_sampler(name, model)
    sampler.set_timesteps(8)
    record, x = CleanRecord(sampler), noise * sampler.init_noise_sigma
    for time in sampler.timesteps:
        share = sampler.alphas_cumprod[round(float(time))]
        seen = sampler.scale_model_input(x, time)
        v = (share**0.5 * seen - picture) / (1 - share) ** 0.5
        x = sampler.step(v, time, x, return_dict=False)[0]
        assert torch.isfinite(x).all()
    assert torch.allclose(record.latents, picture, atol=0.05)


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_model_that_starts_from_noise_is_sampled_from_noise_and_others_as_elsewhere(name):
    assert spacing(SAMPLERS[name], TRAINED)["timestep_spacing"] == "trailing"
    ordinary = {"prediction_type": "epsilon", "timestep_spacing": "leading"}
    usual = "leading" if name == "DDIM" else "linspace"
    assert spacing(SAMPLERS[name], ordinary)["timestep_spacing"] == usual


def test_an_unknown_name_is_refused_with_the_names_there_are():
    with pytest.raises(Refusal, match="no sampler") as refused:
        make_sampler("Euler b", TRAINED)
    assert "Euler a" in refused.value.remedy


@pytest.mark.parametrize("name", SAMPLERS)
def test_the_picture_without_its_noise_is_remembered_at_every_step(name):
    """A model that knows the noise exactly: what is remembered must be the picture."""
    sampler = make_sampler(name, {**TRAINED, "prediction_type": "epsilon"})
    sampler.set_timesteps(8)
    record = CleanRecord(sampler)
    assert "return_dict" in inspect.signature(sampler.step).parameters
    generator = torch.Generator().manual_seed(0)
    clean, noise = torch.randn(2, 1, 4, 8, 8, generator=generator)
    sample = sampler.add_noise(clean, noise, sampler.timesteps[:1])
    sampler.step(noise, sampler.timesteps[0], sample, return_dict=False)
    assert torch.allclose(record.latents, clean, atol=2e-3)
