"""Diffusers folders in all the forms in which they are published, of every family."""

import json
import shutil

import pytest
import torch
from fakes.families import MODELS, build, families_folder

from bottega_backend.engine.samplers import make_sampler
from bottega_backend.errors import Unreadable
from bottega_backend.models.families.stable_diffusion import read_folder
from bottega_backend.models.load import load
from bottega_backend.shelf.folders import inspect_folder
from bottega_backend.shelf.recognise import recognise

CPU = torch.device("cpu")
UNET = "unet/diffusion_pytorch_model"


def read(folder, name="sd1"):
    return load(MODELS[name].family, folder, CPU, torch.float32)


@pytest.fixture
def copy(tmp_path):
    return lambda name: shutil.copytree(families_folder() / name, tmp_path / "mine")


def change(path, **fields):
    config = json.loads(path.read_text())
    path.write_text(json.dumps(config | fields))


def equal(one, other):
    return all(
        torch.equal(tensor, other.unet.state_dict()[name])
        for name, tensor in one.unet.state_dict().items()
    )


@pytest.mark.parametrize("name", MODELS)
def test_every_family_is_read(name):
    loaded, built = read(families_folder() / name, name), build(name)
    for part in ("unet", "vae", "text_encoder", "text_encoder_2"):
        ours, theirs = getattr(loaded, part), getattr(built, part, None)
        if theirs is None:
            assert ours is None
            continue
        given = theirs.state_dict()
        assert all(torch.equal(tensor, given[key]) for key, tensor in ours.state_dict().items())
    assert loaded.layout == ("sdxl" if MODELS[name].base.endswith("XL") else "sd")
    assert sum(map(len, loaded.modules().values())) == (4 if loaded.layout == "sd" else 5)


@pytest.mark.parametrize("name", ["sd1", "sdxl"])
@pytest.mark.parametrize("size", ["1GB", "1MB"])
@pytest.mark.parametrize("variant", ["fp16", None])
def test_variants_and_shards_are_read(tmp_path, name, size, variant):
    """Whether the weights are one file or many, with or without fp16 in their names."""
    build(name).save_pretrained(
        tmp_path / "mine", safe_serialization=True, variant=variant, max_shard_size=size
    )
    files = [path.name for path in (tmp_path / "mine" / "unet").glob("*.safetensors")]
    assert (len(files) > 1) == (size == "1MB")
    assert all(("fp16" in file) == bool(variant) for file in files)
    assert inspect_folder(tmp_path / "mine").family == MODELS[name].family
    assert equal(read(tmp_path / "mine", name), read(families_folder() / name, name))


def test_weights_without_a_word_are_preferred_to_variants(copy):
    folder = copy("sd1")
    shutil.copy(folder / f"{UNET}.safetensors", folder / f"{UNET}.fp16.safetensors")
    (folder / f"{UNET}.fp16.safetensors").write_bytes(b"no weights")
    assert equal(read(folder), read(families_folder() / "sd1"))


@pytest.mark.parametrize(
    "listed", [{}, {"weight_map": {}}, {"weight_map": {"a": "../../other.safetensors"}}]
)
def test_an_index_that_lists_nothing_of_its_own_is_refused(copy, listed):
    folder = copy("sd1")
    (folder / f"{UNET}.safetensors").unlink()
    (folder / f"{UNET}.safetensors.index.json").write_text(json.dumps(listed))
    with pytest.raises(Unreadable, match="lists no shards"):
        read(folder)


def test_a_shard_that_is_missing_is_named(copy):
    folder = copy("sd1")
    (folder / f"{UNET}.safetensors").unlink()
    index = {"weight_map": {"conv_in.weight": "one.safetensors"}}
    (folder / f"{UNET}.safetensors.index.json").write_text(json.dumps(index))
    with pytest.raises(Unreadable, match=r"one\.safetensors, which is not there"):
        read(folder)


def test_sdxl_s_vae_is_kept_in_single_precision_unless_it_was_repaired(copy):
    """It overflows in half precision; a repaired one says so in its config."""
    folder = copy("sdxl")
    layout = recognise(folder)

    def precisions(dtype):
        parts = read_folder(folder, layout, dtype)
        return parts["unet"].dtype, parts["vae"].dtype

    assert precisions(torch.float16) == (torch.float16, torch.float32)
    assert precisions(torch.bfloat16) == (torch.bfloat16, torch.bfloat16)
    change(folder / "vae/config.json", force_upcast=False)
    assert precisions(torch.float16) == (torch.float16, torch.float16)


def test_the_second_text_encoder_is_not_optional(copy):
    folder = copy("sdxl")
    shutil.rmtree(folder / "tokenizer_2")
    with pytest.raises(Unreadable, match="lacks its tokenizer_2"):
        read(folder, "sdxl")


def test_zeros_for_no_negative_prompt_are_the_model_s_own_choice(copy):
    folder = copy("sdxl")
    assert read(folder, "sdxl").zero_negative
    change(folder / "model_index.json", force_zeros_for_empty_prompt=False)
    assert not read(folder, "sdxl").zero_negative
    assert not read(families_folder() / "sd1").zero_negative


KINDS = [
    ("mine", {}, {}, ""),
    ("sdxl-turbo", {}, {}, "turbo"),
    ("sdxl-lightning-4step", {}, {}, "lightning"),
    ("mine", {"_class_name": "LCMScheduler"}, {}, "lcm"),
    ("mine", {"_class_name": "TCDScheduler"}, {}, "hyper"),
    ("mine", {}, {"time_cond_proj_dim": 256}, "lcm"),
]


@pytest.mark.parametrize(("name", "scheduler", "unet", "kind"), KINDS)
def test_how_a_folder_was_distilled_is_told_by_name_scheduler_and_unet(
    tmp_path, name, scheduler, unet, kind
):
    folder = shutil.copytree(families_folder() / "sdxl", tmp_path / name)
    change(folder / "scheduler/scheduler_config.json", **scheduler)
    change(folder / "unet/config.json", **unet)
    assert inspect_folder(folder).kind == kind


@pytest.mark.parametrize("name", ["sdxl-turbo", "sdxl-lightning-4step", "hyper-sdxl"])
def test_a_distilled_model_s_few_steps_begin_at_pure_noise(tmp_path, name):
    folder = shutil.copytree(families_folder() / "sdxl", tmp_path / name)
    sampler = make_sampler("Euler", read(folder, "sdxl").sampler)
    sampler.set_timesteps(4)
    assert sampler.timesteps.tolist() == [999, 749, 499, 249]


REFUSED = {
    "predicts neither": ("scheduler/scheduler_config.json", {"prediction_type": "sample"}),
    "EDM": ("scheduler/scheduler_config.json", {"_class_name": "EDMEulerScheduler"}),
    "latents are shifted": ("vae/config.json", {"latents_mean": [0.0, 0.0, 0.0, 0.0]}),
    "whose width": ("text_encoder_2/config.json", {"hidden_size": 65}),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_no_sampler_or_pipeline_here_follows_is_refused(copy, why):
    folder = copy("sdxl")
    path, fields = REFUSED[why]
    change(folder / path, **fields)
    with pytest.raises(Unreadable, match=why):
        read(folder, "sdxl")


def test_the_licence_is_what_the_model_s_card_says(copy):
    folder = copy("sd1")
    card = "---\nlanguage: en\nlicense: creativeml-openrail-m\n---\n# A model\nlicense: other\n"
    (folder / "README.md").write_text(card)
    assert inspect_folder(folder).licence == "creativeml-openrail-m"
    (folder / "README.md").write_text("# A model\nlicense: other\n")
    assert inspect_folder(folder).licence == ""
