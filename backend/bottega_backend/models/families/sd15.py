"""Stable Diffusion 1.x in a diffusers folder: one CLIP text encoder, a UNet of 4 or 9 channels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors import SafetensorError
from transformers import CLIPTextModel, CLIPTokenizer

from bottega_backend.errors import Unreadable
from bottega_backend.models.latent_colours import fit
from bottega_backend.models.loaded import Loaded
from bottega_backend.shelf.folders import read_json

PARTS = ("unet", "vae", "text_encoder", "tokenizer", "scheduler")


def load(folder: Path, device: torch.device, dtype: torch.dtype) -> Loaded:
    """Read every part from this folder, never from elsewhere; raises Unreadable."""
    missing = [part for part in PARTS if not (folder / part).is_dir()]
    if missing:
        raise _unreadable(folder, f"has no {', '.join(missing)}")
    try:
        loaded = _read(folder, device, dtype)
    except Unreadable as error:
        raise _unreadable(folder, f"can't be read: {error.message}") from error
    except (OSError, ValueError, KeyError, RuntimeError, TypeError, SafetensorError) as error:
        # What diffusers and transformers raise for absent, cut and foreign files.
        raise _unreadable(folder, f"can't be read ({error!s:.400})") from error
    _check(folder, loaded)
    return loaded


def _read(folder: Path, device: torch.device, dtype: torch.dtype) -> Loaded:
    unet = _whole(UNet2DConditionModel, folder / "unet", torch_dtype=dtype)
    vae = _whole(AutoencoderKL, folder / "vae", torch_dtype=dtype)
    text_encoder = _whole(CLIPTextModel, folder / "text_encoder", dtype=dtype)
    tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer", local_files_only=True)
    sampler = read_json(folder / "scheduler" / "scheduler_config.json")
    for part in (unet, vae, text_encoder):
        part.eval().requires_grad_(requires_grad=False).to(device)
    return Loaded(folder, unet, vae, text_encoder, tokenizer, sampler, fit(vae))


def _whole(kind: Any, folder: Path, **options: Any) -> Any:
    """Read one part; transformers would fill what its file lacks with noise, and only log it."""
    part, found = kind.from_pretrained(
        folder, local_files_only=True, use_safetensors=True, output_loading_info=True, **options
    )
    missing = sorted(found["missing_keys"])
    if missing:
        raise Unreadable(folder.name, f"lacks {len(missing)} of its tensors, such as {missing[0]}")
    return part


def _check(folder: Path, loaded: Loaded) -> None:
    if loaded.in_channels not in (4, 9):
        raise _unreadable(folder, f"has a UNet of {loaded.in_channels} channels, not 4 or 9")
    wanted, given = loaded.unet.config.cross_attention_dim, loaded.text_encoder.config.hidden_size
    if wanted != given:
        raise _unreadable(folder, f"has a text encoder of width {given}, its UNet wants {wanted}")
    words, rows = len(loaded.tokenizer), loaded.text_encoder.config.vocab_size
    # transformers makes an empty tokenizer where the vocabulary is missing, and says nothing.
    if words != rows:
        raise _unreadable(folder, f"has a tokenizer of {words} tokens, its encoder knows {rows}")


def _unreadable(folder: Path, why: str) -> Unreadable:
    return Unreadable(
        folder.name,
        why,
        "Give a whole diffusers folder with safetensors weights, or choose another model.",
    )
