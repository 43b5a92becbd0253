"""Latents: overflow is repaired or told, never shown as black."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from fakes.tiny import FAMILY, models_folder

from bottega_backend.capabilities.latents import NotFinite, decode, encode
from bottega_backend.models.load import load


def loaded(dtype=torch.float32):
    return load(FAMILY, models_folder() / "tiny", torch.device("cpu"), dtype)


LATENTS = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(0)) * 0.18215


def overflowing(dtype):
    """A model whose decoder has steps beyond half precision's range, and a picture after them."""
    model = loaded(dtype)
    with torch.no_grad():
        model.vae.post_quant_conv.weight.mul_(1e6 if dtype == torch.float32 else 60000)
        model.vae.post_quant_conv.weight.clamp_(-60000, 60000)
    return model


def test_a_picture_is_encoded_without_chance():
    picture = np.random.default_rng(0).random((64, 64, 3)).astype(np.float32)
    with torch.inference_mode():
        one, other = (encode([picture, -picture], loaded()) for _ in range(2))
    assert one.shape == (2, 4, 8, 8)
    assert torch.equal(one, other)


def test_half_precision_that_overflows_is_decoded_again_in_single_precision():
    model = overflowing(torch.float16)
    with torch.inference_mode():
        in_half = model.vae.decode(LATENTS.half() / 0.18215).sample
        assert not torch.isfinite(in_half).all(), "else this test shows nothing"
        picture = decode(LATENTS.half(), model)
    assert np.isfinite(picture).all()
    assert picture.std() > 0.01
    assert next(model.vae.parameters()).dtype == torch.float16


def test_latents_that_are_no_numbers_are_an_error():
    bad = LATENTS.clone()
    bad[0, 0, 0, 0] = float("nan")
    with pytest.raises(NotFinite) as told, torch.inference_mode():
        decode(bad, loaded())
    assert told.value.remedy


def test_a_picture_that_is_no_numbers_in_single_precision_either_is_an_error():
    model = loaded()
    with torch.no_grad():
        model.vae.decoder.conv_out.bias.fill_(float("inf"))
    with pytest.raises(NotFinite), torch.inference_mode():
        decode(LATENTS, replace(model))


def test_a_decoder_may_be_finer_than_the_model_around_it():
    """As SDXL's is beside a model in half precision: latents are the model's, pictures float32."""
    model = loaded(torch.bfloat16)
    finer = replace(model, vae=loaded().vae)
    shown = np.random.default_rng(0).random((64, 64, 3)).astype(np.float32)
    with torch.inference_mode():
        latents = encode([shown], finer)
        exact = encode([shown], loaded())
        rgb = decode(latents, finer)
    assert latents.dtype == torch.bfloat16
    assert torch.equal(latents, exact.bfloat16())
    assert (rgb.dtype, rgb.shape) == (np.float32, (64, 64, 3))
