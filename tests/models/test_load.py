"""Loading: everything from one folder, nothing from anywhere else, errors that name the cause."""

import json
import shutil

import pytest
import torch
from fakes.tiny import FAMILY, models_folder
from safetensors.torch import load_file, save_file

from bottega_backend.errors import Unreadable
from bottega_backend.models.load import load
from bottega_backend.shelf.catalog import BUILT_INS, Catalog
from bottega_protocol.errors import Refusal

CPU = torch.device("cpu")


def read(folder, family=FAMILY, dtype=torch.float32):
    return load(family, folder, CPU, dtype)


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(models_folder() / "tiny", tmp_path / "mine")


@pytest.mark.parametrize("model", Catalog(models_folder()).models, ids=lambda model: model.id)
def test_what_the_shelf_lists_can_be_loaded(model):
    loaded = load(model.family, model.folder, CPU, torch.float32)
    assert loaded.in_channels == model.in_channels
    assert {weight.dtype for weight in loaded.unet.parameters()} == {torch.float32}
    assert not any(module.training for some in loaded.modules().values() for module in some)
    assert not any(weight.requires_grad for weight in loaded.unet.parameters())


def test_the_precision_is_what_was_asked_for():
    loaded = load(BUILT_INS[0].family, BUILT_INS[0].folder, CPU, torch.bfloat16)
    for part in (loaded.unet, loaded.vae, loaded.text_encoder):
        assert {weight.dtype for weight in part.parameters()} == {torch.bfloat16}


def test_an_unknown_family_is_refused_with_the_ones_there_are(copy):
    with pytest.raises(Refusal, match="family Foo") as refused:
        read(copy, "Foo")
    assert FAMILY in refused.value.remedy


@pytest.mark.parametrize("part", ["unet", "vae", "text_encoder", "tokenizer", "scheduler"])
def test_a_missing_part_is_named(copy, part):
    shutil.rmtree(copy / part)
    with pytest.raises(Unreadable, match=part):
        read(copy)


@pytest.mark.parametrize(
    "file",
    [
        "unet/diffusion_pytorch_model.safetensors",
        "vae/diffusion_pytorch_model.safetensors",
        "text_encoder/model.safetensors",
        "unet/config.json",
        "scheduler/scheduler_config.json",
        "tokenizer/tokenizer.json",
    ],
)
@pytest.mark.parametrize("harm", ["gone", "cut", "foreign"])
def test_a_file_that_is_gone_cut_or_foreign_is_our_own_error(copy, file, harm):
    path = copy / file
    if harm == "gone":
        path.unlink()
    elif harm == "cut":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    else:
        path.write_bytes(b"\x80\x04 nothing that belongs here")
    with pytest.raises(Unreadable) as unreadable:
        read(copy)
    assert "mine" in unreadable.value.message
    assert unreadable.value.remedy


def test_pickles_are_not_opened_even_where_they_are_all_there_is(copy):
    weights = copy / "unet" / "diffusion_pytorch_model.safetensors"
    torch.save({}, copy / "unet" / "diffusion_pytorch_model.bin")
    weights.unlink()
    with pytest.raises(Unreadable):
        read(copy)


def test_a_unet_of_another_kind_is_refused(copy):
    config = json.loads((copy / "unet" / "config.json").read_text())
    (copy / "unet" / "config.json").write_text(json.dumps({**config, "in_channels": 8}))
    with pytest.raises(Unreadable):
        read(copy)


@pytest.mark.parametrize(
    ("file", "lost"),
    [
        ("unet/diffusion_pytorch_model.safetensors", "conv_out.weight"),
        ("vae/diffusion_pytorch_model.safetensors", "decoder.conv_out.bias"),
        ("text_encoder/model.safetensors", "final_layer_norm.weight"),
    ],
)
def test_weights_that_lack_a_tensor_are_not_filled_with_noise(copy, file, lost):
    """A model half of noise would paint noise, and nobody would know why."""
    tensors = load_file(copy / file)
    lost = next(name for name in tensors if name.endswith(lost))
    save_file({name: it for name, it in tensors.items() if name != lost}, copy / file)
    with pytest.raises(Unreadable, match=f"mine can't be read: .* lacks 1 of .*{lost}"):
        read(copy)


def test_a_sampler_s_config_that_is_a_list_is_named(copy):
    (copy / "scheduler/scheduler_config.json").write_text("[]")
    with pytest.raises(Unreadable, match=r"scheduler/scheduler_config\.json is no JSON object"):
        read(copy)
