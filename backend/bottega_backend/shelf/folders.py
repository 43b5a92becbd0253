"""Recognises diffusers folders in Stable Diffusion 1.5's layout by their headers and configs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bottega_backend.errors import Unreadable
from bottega_backend.shelf.inspect import Tensor, place_of, read_header
from bottega_protocol.regions import Size

MOST_CONFIG = 2**20
"""Bytes of a JSON config that is read."""

PARTS = ("unet", "vae", "text_encoder", "tokenizer", "scheduler")
"""The folders that a pipeline of this layout consists of."""

WEIGHTS = {
    "unet": "diffusion_pytorch_model.safetensors",
    "vae": "diffusion_pytorch_model.safetensors",
    "text_encoder": "model.safetensors",
}

SD15_WIDTH = 768
"""Width of the text that Stable Diffusion 1.5's UNet listens to."""

FIRST = "conv_in.weight"
LISTENS = "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight"
SDXL_ONLY = "add_embedding.linear_1.weight"

IN_CHANNELS = (4, 9)
"""A plain UNet, or one that sees mask and masked picture as well."""


@dataclass(frozen=True)
class Layout:
    """What a model folder turned out to be."""

    family: str
    in_channels: int
    native: Size


def inspect_folder(folder: Path) -> Layout:
    """Describe a model folder; raises Unreadable, saying why, for what can't be used."""
    if not folder.is_dir():
        raise Unreadable(folder.name, "is a single file; only diffusers folders are read so far")
    if not (folder / "model_index.json").is_file():
        raise Unreadable(folder.name, "is no diffusers folder: it has no model_index.json")
    read_json(folder / "model_index.json")
    _check_parts(folder)
    in_channels, width = _read_unet(folder)
    vae = read_header(folder / "vae" / WEIGHTS["vae"])
    _check_vae(folder, vae)
    _check_text(folder, width)
    family = "Stable Diffusion 1.5" if width == SD15_WIDTH else "Stable Diffusion 1.5 layout"
    return Layout(family, in_channels, _native(folder))


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object of reasonable length; raises Unreadable."""
    try:
        if path.stat().st_size > MOST_CONFIG:
            raise Unreadable(place_of(path), "is too long for a config")
        fields = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Unreadable(place_of(path), f"can't be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise Unreadable(place_of(path), "is no JSON") from error
    if not isinstance(fields, dict):
        raise Unreadable(place_of(path), "is no JSON object")
    return fields


def _check_parts(folder: Path) -> None:
    for part in PARTS:
        if not (folder / part).is_dir():
            raise Unreadable(folder.name, f"lacks its {part} folder")
    for part, name in WEIGHTS.items():
        if not (folder / part / name).is_file():
            raise Unreadable(
                folder.name, f"lacks {part}/{name}; files of other kinds (pickles) are never opened"
            )


def _read_unet(folder: Path) -> tuple[int, int]:
    """Input channels and text width of the UNet, from the shapes of its tensors."""
    tensors = read_header(folder / "unet" / WEIGHTS["unet"])
    if SDXL_ONLY in tensors:
        raise Unreadable(folder.name, "is a Stable Diffusion XL model, which is not read so far")
    first, listens = tensors.get(FIRST), tensors.get(LISTENS)
    if first is None or listens is None or len(first.shape) != 4 or len(listens.shape) != 2:
        raise Unreadable(folder.name, "has a UNet that is not in Stable Diffusion 1.5's layout")
    in_channels, width = first.shape[1], listens.shape[1]
    if in_channels not in IN_CHANNELS:
        raise Unreadable(folder.name, f"has a UNet of {in_channels} input channels, not 4 or 9")
    return in_channels, width


def _check_vae(folder: Path, tensors: dict[str, Tensor]) -> None:
    latent = tensors.get("post_quant_conv.weight")
    if latent is None or latent.shape[0] != 4:
        raise Unreadable(folder.name, "has a VAE without the four latent channels of this layout")


def _check_text(folder: Path, width: int) -> None:
    config = read_json(folder / "text_encoder" / "config.json")
    if config.get("hidden_size") != width:
        raise Unreadable(folder.name, "has a text encoder whose width is not the UNet's")


def _native(folder: Path) -> Size:
    """The size it was trained at: the UNet's sample size, eight pixels to a latent."""
    sample = read_json(folder / "unet" / "config.json").get("sample_size", 64)
    if type(sample) is not int or not 1 <= sample <= 1024:
        raise Unreadable(folder.name, "has a UNet config without a usable sample_size")
    return Size(sample * 8, sample * 8)
