"""The parts of a model out of one safetensors file; configs and vocabulary come from elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from accelerate import init_empty_weights
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.loaders.single_file_utils import (
    convert_ldm_unet_checkpoint,
    convert_ldm_vae_checkpoint,
)
from safetensors import safe_open
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from bottega_backend.errors import Unreadable
from bottega_backend.shelf.files import CLIP, OPEN_CLIP, UNET, VAE, words_known
from bottega_backend.shelf.inspect import Header, read_file
from bottega_backend.shelf.layout import SD1, SD2, SDXL, TRAILING, Layout
from bottega_backend.shelf.vocabulary import BEGIN, END, NO_VOCABULARY, find_vocabulary

from . import ldm_config as config
from .open_clip import Tensors, as_model_names, from_clip, from_open_clip

PADS = {SD1: END, SD2: "!"}
"""What the tokenizers of SD1 and SD2 fill a chunk up with; SDXL's first and second are alike."""


def read_single(path: Path, layout: Layout, dtype: torch.dtype) -> dict[str, Any]:
    """Every part, by the names of Loaded's fields; raises Unreadable."""
    header, base = read_file(path), layout.base
    sample = layout.native.height // 8
    parts = {
        "unet": _unet(path, config.unet_config(header, UNET, base, sample), dtype),
        "vae": _vae(path, config.vae_config(header, VAE, base), vae_precision(base, dtype)),
        "sampler": config.scheduler_config(
            layout.prediction, zero_snr=layout.zero_snr, trailing=layout.kind in TRAILING
        ),
    }
    return parts | _texts(path, header, base, dtype)


def vae_precision(base: str, dtype: torch.dtype, *, upcast: bool = True) -> torch.dtype:
    """SDXL's VAE overflows in half precision (diffusers: `upcast_vae`), unless it was repaired."""
    overflows = base == SDXL and upcast and dtype == torch.float16
    return torch.float32 if overflows else dtype


def _texts(path: Path, header: Header, base: str, dtype: torch.dtype) -> dict[str, Any]:
    if base == SD1:
        return {
            "text_encoder": _clip(path, header, CLIP[0], dtype),
            "tokenizer": _tokenizer(path, header, PADS[SD1]),
        }
    if base == SD2:
        return {
            "text_encoder": _open_clip(path, header, SD2, dtype),
            "tokenizer": _tokenizer(path, header, PADS[SD2]),
        }
    return {
        "text_encoder": _clip(path, header, CLIP[1], dtype),
        "tokenizer": _tokenizer(path, header, PADS[SD1]),
        "text_encoder_2": _open_clip(path, header, SDXL, dtype),
        "tokenizer_2": _tokenizer(path, header, PADS[SD2]),
    }


def _unet(path: Path, wanted: dict[str, Any], dtype: torch.dtype) -> Any:
    tensors = convert_ldm_unet_checkpoint(_tensors(path, UNET, keep_prefix=True), config=wanted)
    return _built(UNet2DConditionModel, wanted, tensors, dtype)


def _vae(path: Path, wanted: dict[str, Any], dtype: torch.dtype) -> Any:
    tensors = convert_ldm_vae_checkpoint(_tensors(path, VAE, keep_prefix=True), config=wanted)
    return _built(AutoencoderKL, wanted, tensors, dtype)


def _clip(path: Path, header: Header, prefix: str, dtype: torch.dtype) -> Any:
    wanted = CLIPTextConfig(**config.clip_config(header, prefix))
    return _text(CLIPTextModel, wanted, from_clip(_tensors(path, prefix)), dtype)


def _open_clip(path: Path, header: Header, base: str, dtype: torch.dtype) -> Any:
    prefix = OPEN_CLIP[base == SDXL]
    wanted = CLIPTextConfig(**config.open_clip_config(header, prefix, base))
    tensors = from_open_clip(_tensors(path, prefix), wanted.num_hidden_layers)
    kind = CLIPTextModelWithProjection if base == SDXL else CLIPTextModel
    if base == SD2:
        tensors.pop("text_projection.weight", None)
    return _text(kind, wanted, tensors, dtype)


def _tokenizer(path: Path, header: Header, pad: str) -> Any:
    vocabulary = find_vocabulary(path, words_known(header))
    if vocabulary is None:
        raise Unreadable(path.name, NO_VOCABULARY)
    return CLIPTokenizer(
        vocab=vocabulary.tokens,
        merges=list(vocabulary.merges),
        bos_token=BEGIN,
        eos_token=END,
        unk_token=END,
        pad_token=pad,
        model_max_length=77,
    )


def _tensors(path: Path, prefix: str, *, keep_prefix: bool = False) -> Tensors:
    """The tensors whose names begin so, read from the file; nothing else of it is."""
    with safe_open(path, framework="pt", device="cpu") as file:
        names = [name for name in file.keys() if name.startswith(prefix)]  # noqa: SIM118  # no dict
        cut = 0 if keep_prefix else len(prefix)
        return {name[cut:]: file.get_tensor(name) for name in names}


def _built(kind: Any, wanted: dict[str, Any], tensors: Tensors, dtype: torch.dtype) -> Any:
    with init_empty_weights():
        part = kind(**wanted)
    return _filled(part, tensors, dtype)


def _text(kind: Any, wanted: Any, tensors: Tensors, dtype: torch.dtype) -> Any:
    with init_empty_weights():
        part = kind(wanted)
    return _filled(part, as_model_names(tensors, part), dtype)


def _filled(part: Any, tensors: Tensors, dtype: torch.dtype) -> Any:
    """The part with these weights; raises Unreadable where one is lacking."""
    cast = {name: it.to(dtype) if it.is_floating_point() else it for name, it in tensors.items()}
    missing = part.load_state_dict(cast, strict=False, assign=True).missing_keys
    if missing:
        kind = type(part).__name__
        raise Unreadable(kind, f"lacks {len(missing)} of its tensors, such as {missing[0]}")
    return part
