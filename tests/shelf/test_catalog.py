"""The catalog lists what can be used and says why the rest can't."""

from __future__ import annotations

import json
import shutil
import struct
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bottega_backend.offers.table import SAMPLERS, offers
from bottega_backend.shelf.catalog import BUILT_INS, MOST_MODELS, Catalog, Model
from bottega_backend.shelf.folders import inspect_folder
from bottega_protocol.codec import MOST_CONTROL, encode_message
from bottega_protocol.errors import Refusal
from bottega_protocol.messages import Offers
from bottega_protocol.regions import Size

Break = Callable[[Path], object]

UNET = "unet/diffusion_pytorch_model.safetensors"
VAE = "vae/diffusion_pytorch_model.safetensors"
LISTENS = "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight"


def write_tensors(path: Path, shapes: dict[str, tuple[int, ...]]) -> None:
    header = {
        name: {"dtype": "F16", "shape": shape, "data_offsets": (0, 0)}
        for name, shape in shapes.items()
    }
    text = json.dumps(header).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(struct.pack("<Q", len(text)) + text)


def make_model(folder: Path, width: int = 768, in_channels: int = 4) -> Path:
    """A folder in Stable Diffusion 1.5's layout, with headers but no weights."""
    write_tensors(
        folder / UNET, {"conv_in.weight": (320, in_channels, 3, 3), LISTENS: (320, width)}
    )
    write_tensors(folder / VAE, {"post_quant_conv.weight": (4, 4, 1, 1)})
    write_tensors(folder / "text_encoder/model.safetensors", {})
    for part in ("tokenizer", "scheduler"):
        (folder / part).mkdir()
    (folder / "model_index.json").write_text("{}")
    (folder / "unet/config.json").write_text('{"sample_size": 64}')
    (folder / "text_encoder/config.json").write_text(json.dumps({"hidden_size": width}))
    return folder


def test_without_a_folder_there_are_the_built_in_models() -> None:
    """So it is with a folder that does not exist, but then that is said."""
    assert Catalog().models == BUILT_INS
    assert Catalog().unknown == ()
    wrong = Catalog(Path("no such folder"))
    assert wrong.models == BUILT_INS
    assert [entry.name for entry in wrong.unknown] == ["no such folder"]


@pytest.mark.parametrize("model", BUILT_INS, ids=lambda model: model.id)
def test_the_table_of_built_in_models_tells_the_truth(model: Model) -> None:
    """What the files say is what the table says."""
    layout = inspect_folder(model.folder)
    assert layout.in_channels == model.in_channels
    assert layout.native == model.native


def test_a_model_of_the_users_is_found_by_its_folder_name(tmp_path: Path) -> None:
    """Family, channels and native size come from its headers and configs."""
    make_model(tmp_path / "dream", in_channels=9)
    model = Catalog(tmp_path).find("dream")
    assert (model.family, model.in_channels) == ("Stable Diffusion 1.5", 9)
    assert model.native == Size(512, 512)
    assert model.folder == tmp_path / "dream"


def test_a_narrower_model_is_of_the_same_layout(tmp_path: Path) -> None:
    """A copy of the built-in folder is a usable model, and not called 1.5 itself."""
    shutil.copytree(BUILT_INS[1].folder, tmp_path / "copy")
    assert Catalog(tmp_path).find("copy").family == "Stable Diffusion 1.5 layout"


BREAKS: dict[str, tuple[Break, str]] = {
    "no index": (lambda folder: (folder / "model_index.json").unlink(), "model_index.json"),
    "no tokenizer": (lambda folder: (folder / "tokenizer").rmdir(), "tokenizer"),
    "pickle only": (
        lambda folder: (folder / UNET).rename(folder / "unet/diffusion_pytorch_model.bin"),
        "never opened",
    ),
    "eight channels": (
        lambda folder: write_tensors(
            folder / UNET, {"conv_in.weight": (320, 8, 3, 3), LISTENS: (320, 768)}
        ),
        "8 input channels",
    ),
    "XL": (
        lambda folder: write_tensors(folder / UNET, {"add_embedding.linear_1.weight": (1, 1)}),
        "in no layout that is known",
    ),
    "a transformer": (lambda folder: write_tensors(folder / UNET, {"x": (1,)}), "layout"),
    "sixteen latents": (
        lambda folder: write_tensors(folder / VAE, {"post_quant_conv.weight": (16, 16, 1, 1)}),
        "VAE",
    ),
    "another text encoder": (
        lambda folder: (folder / "text_encoder/config.json").write_text('{"hidden_size": 1024}'),
        "text encoder",
    ),
    "a broken config": (
        lambda folder: (folder / "unet/config.json").write_text("{"),
        "unet/config.json is no JSON",
    ),
    "an odd size": (
        lambda folder: (folder / "unet/config.json").write_text('{"sample_size": [1, 2]}'),
        "sample_size",
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_what_can_not_be_used_is_listed_with_the_reason(tmp_path: Path, name: str) -> None:
    """The others stay usable; the reason names what is wrong."""
    breaks, reason = BREAKS[name]
    make_model(tmp_path / "good")
    breaks(make_model(tmp_path / "odd"))
    catalog = Catalog(tmp_path)
    assert [model.id for model in catalog.models[len(BUILT_INS) :]] == ["good"]
    assert [entry.name for entry in catalog.unknown] == ["odd"]
    assert reason in catalog.unknown[0].why


def test_single_files_and_taken_names_are_listed_too(tmp_path: Path) -> None:
    """Nothing in the folder is passed over in silence, hidden files aside."""
    (tmp_path / "model.ckpt").write_bytes(b"\x80\x04.")
    (tmp_path / ".hidden").mkdir()
    make_model(tmp_path / "apprentice")
    catalog = Catalog(tmp_path)
    assert catalog.models == BUILT_INS
    assert [entry.name for entry in catalog.unknown] == ["apprentice", "model.ckpt"]


def test_what_the_wire_can_not_carry_keeps_nobody_from_the_rest(tmp_path: Path) -> None:
    """One folder with such a name, or one too many, would leave every client without a list."""
    odd = "n" * 201
    make_model(tmp_path / odd)
    for number in range(MOST_MODELS):
        make_model(tmp_path / f"m{number:02}")
    catalog = Catalog(tmp_path)
    listed = Offers(1, *offers(catalog), ())
    assert len(listed.models) == MOST_MODELS
    assert [entry.name for entry in catalog.unknown] == [ascii(odd), "m62", "m63"]


def test_long_texts_take_the_room_of_several_models(tmp_path: Path) -> None:
    """The list fits into one message whatever the models are called and say of their licence."""
    for number in range(MOST_MODELS):
        folder = make_model(tmp_path / f"{number:02}-{'long' * 48}")
        (folder / "README.md").write_text(f"---\nlicense: {'x' * 100}\n---\n")
    catalog = Catalog(tmp_path)
    frame = encode_message(Offers(1, *offers(catalog), SAMPLERS), {"offers": Offers}, 1)
    assert len(frame) <= MOST_CONTROL
    assert 40 < len(catalog.models) < MOST_MODELS
    assert len(catalog.models) - len(BUILT_INS) + len(catalog.unknown) == MOST_MODELS


@pytest.mark.skipif(sys.platform != "linux", reason="names that are no Unicode")
def test_a_name_that_is_no_unicode_is_passed_over(tmp_path: Path) -> None:
    try:
        make_model(tmp_path / "b\udcffd")
    except OSError:
        pytest.skip("this file system has Unicode names only")
    catalog = Catalog(tmp_path)
    assert catalog.models == BUILT_INS
    assert [entry.name for entry in catalog.unknown] == ["'b\\udcffd'"]


def test_an_unknown_id_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    """The remedy names the user's own models as well."""
    make_model(tmp_path / "dream")
    with pytest.raises(Refusal) as caught:
        Catalog(tmp_path).find("dreams")
    assert caught.value.code == "unknown-model"
    assert "dream" in caught.value.remedy


def test_the_default_for_fill_sees_the_mask() -> None:
    """The nine-channel model comes first."""
    assert Catalog().default("fill").in_channels == 9
