"""Single files are recognised by their headers, and what is no checkpoint is called what it is."""

import json
import pickle
import re
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bottega_backend.errors import Unreadable
from bottega_backend.shelf.files import inspect_file
from bottega_backend.shelf.layout import SD1, SD2, SDXL
from bottega_backend.shelf.vocabulary import alphabet
from bottega_protocol.regions import Size

UNET = "model.diffusion_model."
VAE = {"first_stage_model.post_quant_conv.weight": (4, 4, 1, 1)}
TOKENS = "embeddings.token_embedding.weight"
TEXT = {
    SD1: {f"cond_stage_model.transformer.text_model.{TOKENS}": (514, 768)},
    SD2: {"cond_stage_model.model.token_embedding.weight": (514, 1024)},
    SDXL: {
        f"conditioner.embedders.0.transformer.text_model.{TOKENS}": (514, 768),
        "conditioner.embedders.1.model.token_embedding.weight": (514, 1280),
    },
}
WIDTH = {SD1: 768, SD2: 1024, SDXL: 2048}


def checkpoint(base: str, in_channels: int = 4, width: int | None = None) -> dict[str, tuple]:
    """The tensors that tell of a checkpoint, by name, with their shapes."""
    level = 4 if base == SDXL else 1
    listens = f"input_blocks.{level}.1.transformer_blocks.0.attn2.to_k.weight"
    tensors = {
        f"{UNET}input_blocks.0.0.weight": (320, in_channels, 3, 3),
        UNET + listens: (320, width or WIDTH[base]),
        **VAE,
        **TEXT[base],
    }
    return tensors | ({f"{UNET}label_emb.0.0.weight": (1280, 2816)} if base == SDXL else {})


def write(path: Path, shapes: dict[str, tuple], metadata: dict | None = None) -> Path:
    header = {
        name: {"dtype": "F16", "shape": shape, "data_offsets": (0, 0)}
        for name, shape in shapes.items()
    }
    text = json.dumps(header | ({"__metadata__": metadata} if metadata else {})).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text)
    return path


@pytest.fixture
def shelf(tmp_path):
    """A folder with a vocabulary of 514 words in it."""
    names = [*alphabet(), *(letter + "</w>" for letter in alphabet()), "<begin>", "<end>"]
    folder = tmp_path / "tokenizer"
    folder.mkdir()
    (folder / "vocab.json").write_text(json.dumps({name: n for n, name in enumerate(names)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return tmp_path


NATIVE = {SD1: 512, SD2: 768, SDXL: 1024}


@pytest.mark.parametrize("base", WIDTH)
@pytest.mark.parametrize("in_channels", [4, 9])
def test_a_checkpoint_s_family_and_channels_are_in_its_shapes(shelf, base, in_channels):
    layout = inspect_file(write(shelf / "x.safetensors", checkpoint(base, in_channels)))
    assert (layout.family, layout.in_channels) == (base, in_channels)
    native = 512 if base == SD2 and in_channels == 9 else NATIVE[base]
    assert layout.native == Size(native, native)
    assert layout.kind == ""


def test_one_of_other_width_is_of_the_same_layout(shelf):
    assert inspect_file(write(shelf / "x", checkpoint(SD1, width=64))).family == f"{SD1} layout"


PREDICTIONS = [
    (SD1, "x", {}, "epsilon"),
    (SD1, "x_vpred", {}, "v_prediction"),
    (SD2, "x", {}, "v_prediction"),
    (SD2, "v2-1_768-ema-pruned", {}, "v_prediction"),
    (SD2, "512-base-ema", {}, "epsilon"),
    (SD2, "sd_turbo", {}, "epsilon"),
    (SD2, "x", {"modelspec.prediction_type": "epsilon"}, "epsilon"),
    (SDXL, "x", {}, "epsilon"),
    (SDXL, "x", {"modelspec.prediction_type": "v"}, "v_prediction"),
    (SDXL, "noobaiXLNAIXL_vPred10Version", {}, "v_prediction"),
]


@pytest.mark.parametrize(("base", "name", "metadata", "prediction"), PREDICTIONS)
def test_what_a_unet_answers_is_told_by_metadata_name_or_family(
    shelf, base, name, metadata, prediction
):
    path = write(shelf / f"{name}.safetensors", checkpoint(base), metadata)
    assert inspect_file(path).prediction == prediction


def test_a_guess_is_said_and_can_be_corrected_beside_the_file(shelf):
    """Of SD2 both kinds were published in equal shapes."""
    path = write(shelf / "dream.safetensors", checkpoint(SD2))
    assert "dream" not in inspect_file(path).note
    assert "parameterization: eps" in inspect_file(path).note
    (shelf / "dream.yaml").write_text("model:\n  params:\n    parameterization: 'eps'\n")
    told = inspect_file(path)
    assert (told.prediction, told.note, told.native) == ("epsilon", "", Size(512, 512))
    (shelf / "dream.yaml").write_text('    parameterization: "v"\n')
    assert inspect_file(path).prediction == "v_prediction"


def test_tensors_that_trainers_leave_behind_are_heeded(shelf):
    tensors = checkpoint(SDXL) | {"v_pred": (0,), "ztsnr": (0,)}
    layout = inspect_file(write(shelf / "x.safetensors", tensors))
    assert (layout.prediction, layout.zero_snr) == ("v_prediction", True)


def test_kind_licence_and_size_are_read_where_they_are_told(shelf):
    said = {"modelspec.license": "OpenRAIL++", "modelspec.resolution": "768x768"}
    path = write(shelf / "aXL_lightning_4step.safetensors", checkpoint(SDXL), said)
    layout = inspect_file(path)
    assert (layout.kind, layout.steps, layout.licence) == ("lightning", 4, "OpenRAIL++")
    assert layout.native == Size(768, 768)
    assert layout.defaults() == ("Euler", 4, 1.0)


def test_a_licence_is_told_as_far_as_it_can_be_sent(shelf):
    said = {"modelspec.license": "Open\0RAIL\ud800++\n" + "x" * 500}
    layout = inspect_file(write(shelf / "x", checkpoint(SD1), said))
    assert layout.licence.startswith("OpenRAIL++x")
    assert len(layout.licence) == 200


def without(base: str, prefix: str) -> dict[str, tuple]:
    return {n: shape for n, shape in checkpoint(base).items() if not n.startswith(prefix)}


OTHERS = {
    "LoRA": {"lora_unet_down_blocks_0.lora_up.weight": (1, 1)},
    "LoRA of diffusers, as it was": {
        "down_blocks.0.attentions.0.attn1.processor.to_q_lora.down.weight": (4, 320)
    },
    "LoRA of another kind": {"lora_unet_down_blocks_0.diff": (1, 1)},
    "ControlNet as a LoRA": {"lora_controlnet": (), "input_blocks.0.0.weight": (320, 4, 3, 3)},
    "not known, though it has soft_attention": {"net.soft_attention.weight": (1, 1)},
    "LyCORIS": {"lora_unet_down_blocks_0.hada_w1_a": (1, 1)},
    "ControlNet": {"control_model.input_blocks.0.0.weight": (320, 4, 3, 3)},
    "ControlNet of diffusers": {
        "controlnet_cond_embedding.conv_in.weight": (1, 1),
        "down_blocks.0.x": (1,),
    },
    "VAE": {"encoder.conv_in.weight": (128, 3, 3, 3), "decoder.mid.attn_1.q.weight": (1,)},
    "VAE alone": {"first_stage_model.encoder.conv_in.weight": (128, 3, 3, 3)},
    "Flux": {"double_blocks.0.img_attn.qkv.weight": (1, 1)},
    "Stable Diffusion 3": {"model.diffusion_model.joint_blocks.0.x": (1, 1)},
    "UNet": {"input_blocks.0.0.weight": (320, 4, 3, 3)},
    "textual inversion": {"emb_params": (1, 768)},
    "upscaler": {"body.0.rdb1.conv1.weight": (1, 1)},
    "text encoder": {"text_model.embeddings.x": (1, 1)},
    "not known": {"x": (1,)},
    "refiner": checkpoint(SDXL) | {"conditioner.embedders.0.model.ln_final.weight": (1280,)},
    "lacks its VAE": without(SD1, "first_stage"),
    "lacks its text encoder": without(SDXL, "conditioner.embedders.1"),
    "8 input channels": checkpoint(SD1, 8),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_what_is_no_checkpoint_is_called_what_it_is(shelf, kind):
    why = {"LyCORIS": "LoRA", "VAE alone": "VAE", "Stable Diffusion 3": kind}
    words = re.split(" (of|as)|,", kind)[0]
    with pytest.raises(Unreadable, match=why.get(kind, words)):
        inspect_file(write(shelf / "x.safetensors", OTHERS[kind]))


class Trap:
    """What a malicious pickle does when it is opened."""

    def __reduce__(self):
        return Path.touch, (Path(__file__).parent / "opened",)


@pytest.mark.parametrize("ending", [".ckpt", ".safetensors", ".pt", ".bin"])
def test_a_pickle_is_refused_by_its_content_and_never_opened(shelf, ending):
    """Whatever it is called, plain or in torch's zip."""
    plain, packed = shelf / f"plain{ending}", shelf / f"packed{ending}"
    plain.write_bytes(pickle.dumps(Trap()))
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(Trap()))
    for path in (plain, packed):
        with pytest.raises(Unreadable, match="is a pickle"):
            inspect_file(path)
    assert not (Path(__file__).parent / "opened").exists()


def test_gguf_is_named(shelf):
    (shelf / "x.gguf").write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(Unreadable, match="GGUF"):
        inspect_file(shelf / "x.gguf")


def test_without_a_vocabulary_the_files_that_are_missing_are_named(tmp_path):
    with pytest.raises(Unreadable, match=r"vocab\.json and merges\.txt"):
        inspect_file(write(tmp_path / "x.safetensors", checkpoint(SD1)))


SHAPES = st.lists(st.sampled_from([0, 1, 4, 9, 768, 2**40]), max_size=5).map(tuple)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data(), st.sampled_from(sorted(WIDTH)))
def test_whatever_the_shapes_are_it_is_a_model_or_our_own_error(shelf, data, base):
    tensors = checkpoint(base)
    for name in data.draw(st.lists(st.sampled_from(sorted(tensors)), unique=True, max_size=4)):
        tensors[name] = data.draw(SHAPES)
    metadata = data.draw(
        st.dictionaries(
            st.sampled_from(
                ["modelspec.resolution", "modelspec.prediction_type", "modelspec.license"]
            ),
            st.sampled_from(["", "0x0", "99x99", "64x64", "9" * 400, "v", "\N{SNOWMAN}"]),
        )
    )
    path = write(shelf / "x.safetensors", tensors, metadata)
    try:
        layout = inspect_file(path)
    except Unreadable:
        return
    assert layout.in_channels in (4, 9)
    assert layout.base == base
    assert 64 <= layout.native.width <= 1024
