"""A single file gives the same model as the folder: tensor by tensor, word by word."""

import shutil

import pytest
import torch
from fakes.families import MODELS, families_folder, files_folder
from safetensors.torch import load_file, save_file

from bottega_backend.engine.prompts import encode_prompts
from bottega_backend.errors import Unreadable
from bottega_backend.models.load import load
from bottega_backend.models.single import read_single
from bottega_backend.shelf.recognise import recognise

CPU = torch.device("cpu")


def read(name, path):
    return load(MODELS[name].family, path, CPU, torch.float32)


def near(one, other):
    """Alike but for rounding: weights that lie elsewhere in memory take other kernels."""
    return bool((one - other).abs().max() <= 1e-5 * other.abs().max())


@pytest.fixture(scope="module", params=MODELS)
def both(request):
    name = request.param
    return read(name, families_folder() / name), read(name, files_folder() / f"{name}.safetensors")


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


@pytest.mark.parametrize(("name", "precision"), [("sdxl", torch.float32), ("sd1", torch.float16)])
def test_sdxl_s_vae_is_kept_in_single_precision(name, precision):
    """In a file nothing says whether it was repaired."""
    path = files_folder() / f"{name}.safetensors"
    parts = read_single(path, recognise(path), torch.float16)
    assert (parts["unet"].dtype, parts["vae"].dtype) == (torch.float16, precision)


@pytest.mark.parametrize("part", ["model.diffusion_model.out.2.bias", "text_projection"])
def test_a_file_that_lacks_a_tensor_is_not_filled_with_noise(tmp_path, part):
    source = files_folder() / "sdxl.safetensors"
    tensors = {name: it for name, it in load_file(source).items() if not name.endswith(part)}
    save_file(tensors, tmp_path / "mine.safetensors")
    shutil.copytree(files_folder() / "tokenizer", tmp_path / "tokenizer")
    with pytest.raises(Unreadable, match=r"mine\.safetensors can't be read"):
        load(MODELS["sdxl"].family, tmp_path / "mine.safetensors", CPU, torch.float32)


def test_half_of_a_file_is_our_own_error(tmp_path):
    whole = (files_folder() / "sd1.safetensors").read_bytes()
    (tmp_path / "mine.safetensors").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Unreadable, match="cut short"):
        load(MODELS["sd1"].family, tmp_path / "mine.safetensors", CPU, torch.float32)
