"""Recognises diffusers folders of Stable Diffusion 1, 2 and XL by their headers and configs."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bottega_backend.errors import Unreadable
from bottega_backend.shelf.inspect import Header, place_of, read_file
from bottega_protocol.regions import Size

from .layout import SD1, SD2, SDXL, Layout, family_of, kind_of, steps_of

MOST_CONFIG = 2**20
"""Bytes of a JSON config that is read."""

MOST_INDEX = 16 * 2**20
"""Bytes of a list of shards."""

MOST_SHARDS = 200

PARTS = ("unet", "vae", "text_encoder", "tokenizer", "scheduler")
"""The folders that a pipeline consists of."""

PARTS_XL = (*PARTS, "text_encoder_2", "tokenizer_2")

STEMS = {
    "unet": "diffusion_pytorch_model",
    "vae": "diffusion_pytorch_model",
    "text_encoder": "model",
    "text_encoder_2": "model",
}
"""How the weights in each are called."""

VARIANTS = ("", "fp16", "bf16", "fp32")
"""What may stand in the names of weights, in the order in which they are looked for."""

FIRST = "conv_in.weight"
LISTENS = re.compile(r"down_blocks\.\d\.attentions\.0\.transformer_blocks\.0\.attn2\.to_k\.weight")
PROJECTION = re.compile(r"down_blocks\.\d\.attentions\.0\.proj_in\.weight")
SDXL_ONLY = "add_embedding.linear_1.weight"

IN_CHANNELS = (4, 9)
"""A plain UNet, or one that sees mask and masked picture as well."""

PREDICTIONS = ("epsilon", "v_prediction")

CLASSES = {"LCMScheduler": "lcm", "TCDScheduler": "hyper"}
"""Schedulers that only distilled models come with."""


@dataclass(frozen=True)
class Weights:
    """The files of one part, and the word in their names that from_pretrained wants told."""

    files: tuple[Path, ...]
    variant: str


def inspect_folder(folder: Path) -> Layout:
    """Describe a diffusers folder; raises Unreadable, saying why, for what can't be used."""
    if not (folder / "model_index.json").is_file():
        raise Unreadable(folder.name, "is no diffusers folder: it has no model_index.json")
    index = read_json(folder / "model_index.json")
    _check_parts(folder, PARTS)
    base, in_channels, width = _read_unet(folder)
    _check_parts(folder, PARTS_XL if base == SDXL else PARTS)
    _check_vae(folder)
    _check_text(folder, base, width)
    config = read_json(folder / "unet" / "config.json")
    scheduler = _scheduler(folder)
    kind = _kind(f"{index.get('_name_or_path', '')} {folder.name}", config, scheduler)
    return Layout(
        family_of(base, width),
        in_channels,
        _native(folder, config),
        kind,
        scheduler.get("prediction_type", "epsilon"),
        bool(scheduler.get("rescale_betas_zero_snr", False)),
        _licence(folder),
        steps=steps_of(folder.name, kind),
        told_guidance=bool(config.get("time_cond_proj_dim")),
    )


def find_weights(folder: Path, part: str) -> Weights | None:
    """The safetensors files of a part: one, or as many as its index lists; None without any.

    Raises Unreadable for an index that makes no sense.
    """
    stem = STEMS[part]
    for variant in VARIANTS:
        dotted = f".{variant}" if variant else ""
        single = folder / part / f"{stem}{dotted}.safetensors"
        if single.is_file():
            return Weights((single,), variant)
        index = folder / part / f"{stem}.safetensors.index{dotted}.json"
        if index.is_file():
            return Weights(_shards(index), variant)
    return None


def read_json(path: Path, most: int = MOST_CONFIG) -> dict[str, Any]:
    """Read a JSON object of reasonable length; raises Unreadable."""
    try:
        if path.stat().st_size > most:
            raise Unreadable(place_of(path), "is too long for a config")
        fields = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Unreadable(place_of(path), f"can't be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise Unreadable(place_of(path), "is no JSON") from error
    if not isinstance(fields, dict):
        raise Unreadable(place_of(path), "is no JSON object")
    return fields


def _shards(index: Path) -> tuple[Path, ...]:
    listed = read_json(index, MOST_INDEX).get("weight_map")
    names = sorted(set(map(str, listed.values()))) if isinstance(listed, dict) else []
    # A shard lies beside its index: what leads elsewhere is none of this model's.
    if not 1 <= len(names) <= MOST_SHARDS or any(Path(name).name != name for name in names):
        raise Unreadable(place_of(index), "lists no shards")
    missing = [name for name in names if not (index.parent / name).is_file()]
    if missing:
        raise Unreadable(place_of(index), f"lists {missing[0]}, which is not there")
    return tuple(index.parent / name for name in names)


def _header(folder: Path, part: str) -> Header:
    """The tensors of a part, of all its shards together."""
    weights = find_weights(folder, part)
    if weights is None:
        raise Unreadable(
            folder.name,
            f"lacks {part}/{STEMS[part]}.safetensors; files of other kinds (pickles) "
            "are never opened",
        )
    headers = [read_file(path) for path in weights.files]
    return Header({name: it for header in headers for name, it in header.tensors.items()})


def _check_parts(folder: Path, parts: tuple[str, ...]) -> None:
    for part in parts:
        if not (folder / part).is_dir():
            raise Unreadable(folder.name, f"lacks its {part} folder")


def _read_unet(folder: Path) -> tuple[str, int, int]:
    """Which family's layout, input channels and text width, from the shapes of its tensors."""
    header = _header(folder, "unet")
    first, listens = header.shape(FIRST), _shape_of(header, LISTENS)
    if len(first) != 4 or len(listens) != 2:
        raise Unreadable(folder.name, "has a UNet in no layout that is known here")
    in_channels, width = first[1], listens[1]
    if in_channels not in IN_CHANNELS:
        raise Unreadable(folder.name, f"has a UNet of {in_channels} input channels, not 4 or 9")
    if SDXL_ONLY in header.tensors:
        return SDXL, in_channels, width
    linear = len(_shape_of(header, PROJECTION)) == 2
    return SD2 if linear else SD1, in_channels, width


def _shape_of(header: Header, pattern: re.Pattern[str]) -> tuple[int, ...]:
    """The shape of the first tensor of this name."""
    found = next((name for name in header.tensors if pattern.fullmatch(name)), "")
    return header.shape(found)


def _check_vae(folder: Path) -> None:
    latent = _header(folder, "vae").shape("post_quant_conv.weight")
    if not latent or latent[0] != 4:
        raise Unreadable(folder.name, "has a VAE without the four latent channels of this layout")
    if (folder / "vae/config.json").is_file() and read_json(folder / "vae/config.json").get(
        "latents_mean"
    ):
        raise Unreadable(folder.name, "has a VAE whose latents are shifted, which is not read")


def _check_text(folder: Path, base: str, width: int) -> None:
    """The encoders' widths together are the UNet's."""
    parts = [part for part in STEMS if part.startswith("text")][: 2 if base == SDXL else 1]
    given = 0
    for part in parts:
        _header(folder, part)
        hidden = read_json(folder / part / "config.json").get("hidden_size")
        given += hidden if type(hidden) is int else 0
    if given != width:
        raise Unreadable(folder.name, "has a text encoder whose width is not the UNet's")


def _scheduler(folder: Path) -> dict[str, Any]:
    path = folder / "scheduler" / "scheduler_config.json"
    config = read_json(path) if path.is_file() else {}
    if config.get("prediction_type", "epsilon") not in PREDICTIONS:
        raise Unreadable(folder.name, "predicts neither noise nor v, which no sampler here follows")
    if "EDM" in str(config.get("_class_name", "")):
        raise Unreadable(folder.name, "was trained on EDM's noise, which no sampler here follows")
    return config


def _kind(name: str, unet: dict[str, Any], scheduler: dict[str, Any]) -> str:
    """How it was distilled: told by its scheduler's class, its UNet, its name, its spacing."""
    by_class = CLASSES.get(str(scheduler.get("_class_name")), "")
    if by_class or unet.get("time_cond_proj_dim"):
        return by_class or "lcm"
    return kind_of(name)


def _native(folder: Path, config: dict[str, Any]) -> Size:
    """The size it was trained at: the UNet's sample size, eight pixels to a latent."""
    sample = config.get("sample_size", 64)
    if type(sample) is not int or not 1 <= sample <= 1024:
        raise Unreadable(folder.name, "has a UNet config without a usable sample_size")
    return Size(sample * 8, sample * 8)


def _licence(folder: Path) -> str:
    """What the model's card says at its top, if there is one."""
    try:
        with (folder / "README.md").open(encoding="utf-8", errors="replace") as file:
            top = file.read(4096)
    except OSError:
        return ""
    found = re.search(r"\A---\n.*?^license:[ \t]*([\w.+ -]{1,100})$", top, re.MULTILINE | re.DOTALL)
    return found[1].strip() if found else ""
