"""Stable Diffusion 1.x in a diffusers folder: one CLIP text encoder, a UNet of 4 or 9 channels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors import SafetensorError
from transformers import CLIPTextModel, CLIPTokenizer

from bottega_backend.errors import Unreadable
from bottega_backend.models.latent_colours import fit
from bottega_backend.models.loaded import Loaded

PARTS = ("unet", "vae", "text_encoder", "tokenizer", "scheduler")


def load(folder: Path, device: torch.device, dtype: torch.dtype) -> Loaded:
    """Read every part from this folder, never from elsewhere; raises Unreadable."""
    missing = [part for part in PARTS if not (folder / part).is_dir()]
    if missing:
        raise _unreadable(folder, f"has no {', '.join(missing)}")
    try:
        loaded = _read(folder, device, dtype)
    except (OSError, ValueError, KeyError, RuntimeError, TypeError, SafetensorError) as error:
        # What diffusers and transformers raise for absent, cut and foreign files.
        raise _unreadable(folder, f"can't be read ({error!s:.400})") from error
    _check(folder, loaded)
    return loaded


def _read(folder: Path, device: torch.device, dtype: torch.dtype) -> Loaded:
    only: dict[str, Any] = {"local_files_only": True, "use_safetensors": True}
    unet = UNet2DConditionModel.from_pretrained(folder / "unet", torch_dtype=dtype, **only)
    vae = AutoencoderKL.from_pretrained(folder / "vae", torch_dtype=dtype, **only)
    text_encoder = CLIPTextModel.from_pretrained(folder / "text_encoder", dtype=dtype, **only)
    tokenizer = CLIPTokenizer.from_pretrained(folder / "tokenizer", local_files_only=True)
    sampler = json.loads((folder / "scheduler" / "scheduler_config.json").read_text())
    for part in (unet, vae, text_encoder):
        part.eval().requires_grad_(requires_grad=False).to(device)
    return Loaded(folder, unet, vae, text_encoder, tokenizer, sampler, fit(vae))


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
