"""A single file gives the same model as the folder: tensor by tensor, word by word."""

import pytest
import torch
from fakes.families import MODELS, families_folder, files_folder

from bottega_backend.engine.prompts import encode_prompts
from bottega_backend.models.load import load
from bottega_backend.shelf.recognise import recognise

CPU = torch.device("cpu")


def from_folder(name, dtype=torch.float32):
    return load(MODELS[name].family, families_folder() / name, CPU, dtype)


def from_file(name, dtype=torch.float32):
    return load(MODELS[name].family, files_folder() / f"{name}.safetensors", CPU, dtype)


def near(one, other):
    """Alike but for rounding: weights that lie elsewhere in memory take other kernels."""
    return bool((one - other).abs().max() <= 1e-5 * other.abs().max())


@pytest.fixture(scope="module", params=MODELS)
def both(request):
    return from_folder(request.param), from_file(request.param)


@pytest.mark.parametrize("name", MODELS)
def test_a_file_is_recognised_as_what_its_folder_is(name):
    folder, file = (
        recognise(families_folder() / name),
        recognise(files_folder() / f"{name}.safetensors"),
    )
    assert file == folder
    assert (file.family, file.in_channels) == (MODELS[name].family, MODELS[name].in_channels)
    assert (file.prediction, file.native.width) == (MODELS[name].prediction, 64)


def test_every_part_has_the_same_tensors(both):
    folder, file = both
    for part in ("unet", "vae", "text_encoder", "text_encoder_2"):
        one, other = getattr(folder, part), getattr(file, part)
        if one is None:
            assert other is None
            continue
        assert one.state_dict().keys() == other.state_dict().keys()
        for name, tensor in one.state_dict().items():
            assert torch.equal(tensor, other.state_dict()[name]), name


def test_every_part_computes_the_same(both):
    """Configs that the shapes don't show would differ here: heads, activations, scales."""
    folder, file = both
    assert folder.layout == file.layout
    assert folder.vae.config.scaling_factor == file.vae.config.scaling_factor
    assert near(folder.colours, file.colours)
    generator = torch.Generator().manual_seed(0)
    width = folder.unet.config.cross_attention_dim
    told = {
        "sample": torch.randn(2, folder.in_channels, 8, 8, generator=generator),
        "timestep": torch.tensor(500),
        "encoder_hidden_states": torch.randn(2, 77, width, generator=generator),
    }
    if folder.layout == "sdxl":
        told["added_cond_kwargs"] = {
            "text_embeds": torch.randn(2, 64, generator=generator),
            "time_ids": torch.tensor([[64.0, 64, 0, 0, 64, 64]] * 2),
        }
    with torch.inference_mode():
        one, other = folder.unet(**told).sample, file.unet(**told).sample
        words = [encode_prompts(model, "a (red:1.3) cat", "a dog") for model in both]
    assert one.std() > 1e-2
    assert near(one, other)
    assert near(words[0].positive, words[1].positive)
    assert near(words[0].negative, words[1].negative)
    if folder.layout == "sdxl":
        assert near(words[0].pooled, words[1].pooled)
    else:
        assert words[0].pooled is words[1].pooled is None


def test_the_model_s_own_schedule_is_known(both):
    folder, file = both
    keys = ("beta_start", "beta_end", "beta_schedule", "num_train_timesteps", "prediction_type")
    for key in keys:
        assert file.sampler[key] == folder.sampler[key], key


def test_words_are_cut_alike(both):
    for one, other in zip(both[0].readers(), both[1].readers(), strict=True):
        text = "Zwölf  Bälle, a_b (c)"
        assert one.tokenizer(text).input_ids == other.tokenizer(text).input_ids
        assert one.tokenizer.pad_token_id == other.tokenizer.pad_token_id
        assert one.tokenizer.eos_token_id == other.tokenizer.eos_token_id == 513
