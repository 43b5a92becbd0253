"""Stable Diffusion 1, 2 and XL: a UNet of 4 or 9 channels that listens to one or two encoders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from safetensors import SafetensorError
from transformers import CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

from bottega_backend.errors import Unreadable
from bottega_backend.models.latent_colours import fit
from bottega_backend.models.loaded import Loaded
from bottega_backend.models.single import read_single, vae_precision
from bottega_backend.shelf.folders import find_weights, read_json
from bottega_backend.shelf.layout import SDXL, TRAILING, Layout
from bottega_backend.shelf.recognise import recognise

KINDS: dict[str, Any] = {
    "unet": UNet2DConditionModel,
    "vae": AutoencoderKL,
    "text_encoder": CLIPTextModel,
    "text_encoder_2": CLIPTextModelWithProjection,
}
"""The class of each part that has weights."""


FOREIGN = (
    OSError,
    ValueError,
    LookupError,
    RuntimeError,
    TypeError,
    AttributeError,
    SafetensorError,
)
"""What diffusers and transformers raise for absent, cut and foreign files."""


def load(path: Path, device: torch.device, dtype: torch.dtype) -> Loaded:
    """Read every part from this folder or file, never from elsewhere; raises Unreadable."""
    try:
        layout = recognise(path)
        parts = read_folder(path, layout, dtype) if path.is_dir() else _read(path, layout, dtype)
    except Unreadable as error:
        told = error.why if error.name == path.name else f"can't be read: {error.message}"
        raise _unreadable(path, told) from error
    except FOREIGN as error:
        raise _unreadable(path, f"can't be read ({error!s:.400})") from error
    loaded = _assembled(path, layout, parts, device)
    _check(path, loaded)
    return loaded


def read_folder(folder: Path, layout: Layout, dtype: torch.dtype) -> dict[str, Any]:
    """Every part out of a diffusers folder, by the names of Loaded's fields."""
    names = list(KINDS) if layout.base == SDXL else ["unet", "vae", "text_encoder"]
    # A config that doesn't say means yes: it is diffusers' default.
    upcast = read_json(folder / "vae" / "config.json").get("force_upcast", True) is not False
    precision = {"vae": vae_precision(layout.base, dtype, upcast=upcast)}
    parts = {name: _whole(folder, name, precision.get(name, dtype)) for name in names}
    for name in names[2:]:
        tokenizer = folder / name.replace("text_encoder", "tokenizer")
        parts[tokenizer.name] = CLIPTokenizer.from_pretrained(tokenizer, local_files_only=True)
    parts["sampler"] = read_json(folder / "scheduler" / "scheduler_config.json")
    if layout.kind in TRAILING:
        # Their few steps begin at pure noise, whatever the config left over says.
        parts["sampler"]["timestep_spacing"] = "trailing"
    if layout.base == SDXL:
        index = read_json(folder / "model_index.json")
        parts["zero_negative"] = index.get("force_zeros_for_empty_prompt", True) is True
    return parts


def _read(path: Path, layout: Layout, dtype: torch.dtype) -> dict[str, Any]:
    """The parts out of a single file; SDXL was trained with zeros for no negative prompt."""
    return {**read_single(path, layout, dtype), "zero_negative": layout.base == SDXL}


def _whole(folder: Path, name: str, dtype: torch.dtype) -> Any:
    """Read one part; transformers would fill what its file lacks with noise, and only log it."""
    weights = find_weights(folder, name)
    if weights is None:
        raise Unreadable(folder.name, f"lacks the weights of its {name}")
    precision = "torch_dtype" if name in ("unet", "vae") else "dtype"
    options: dict[str, Any] = {precision: dtype}
    if weights.variant:
        options["variant"] = weights.variant
    part, found = KINDS[name].from_pretrained(
        folder / name,
        local_files_only=True,
        use_safetensors=True,
        output_loading_info=True,
        **options,
    )
    missing = sorted(found["missing_keys"])
    if missing:
        raise Unreadable(name, f"lacks {len(missing)} of its tensors, such as {missing[0]}")
    return part


def _assembled(path: Path, layout: Layout, parts: dict[str, Any], device: torch.device) -> Loaded:
    """On the device, to be read only."""
    for name in KINDS:
        if name in parts:
            parts[name].eval().requires_grad_(requires_grad=False).to(device)
    kind = "sdxl" if layout.base == SDXL else "sd"
    return Loaded(path, **parts, colours=fit(parts["vae"]), layout=kind)


def _check(path: Path, loaded: Loaded) -> None:
    if loaded.in_channels not in (4, 9):
        raise _unreadable(path, f"has a UNet of {loaded.in_channels} channels, not 4 or 9")
    wanted = loaded.unet.config.cross_attention_dim
    given = sum(reader.encoder.config.hidden_size for reader in loaded.readers())
    if wanted != given:
        raise _unreadable(path, f"has text encoders of width {given}, its UNet wants {wanted}")
    for reader in loaded.readers():
        words, rows = len(reader.tokenizer), reader.encoder.config.vocab_size
        # transformers makes an empty tokenizer where the vocabulary is missing, and says nothing.
        if words != rows:
            raise _unreadable(path, f"has a tokenizer of {words} tokens, its encoder knows {rows}")


def _unreadable(path: Path, why: str) -> Unreadable:
    return Unreadable(
        path.name,
        why,
        "Give a whole diffusers folder with safetensors weights, or choose another model.",
    )
