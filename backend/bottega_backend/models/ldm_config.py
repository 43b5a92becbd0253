"""The configs that diffusers and transformers want, read off the shapes in a checkpoint.

Single files carry no configs. Widths, depths and channels are in the shapes of their tensors;
what is not (the number of heads, the norm's groups, the VAE's scale) is the family's own.
Values: the configs published with Stable Diffusion 1.5, 2.1 and XL 1.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from typing import Any

from bottega_backend.errors import Unreadable
from bottega_backend.shelf.inspect import Header
from bottega_backend.shelf.layout import SD1, SD2, SDXL

HEADS_SD1 = 8
"""Stable Diffusion 1 has as many heads in each layer; the others as many as fit, of 64 each."""

HEAD = 64

HIDDEN_LAYERS = 23
"""Layers of SD2's text encoder in diffusers' folders: the last but one is the last that it needs.

The last is in most single files all the same.
"""

SCALES = {SD1: 0.18215, SD2: 0.18215, SDXL: 0.13025}
"""VAE's `scaling_factor`: latents have about unit variance after it."""


PROJECTION = "conditioner.embedders.1.model.text_projection"
"""What SDXL's second text encoder sums a prompt up with."""


@dataclass(frozen=True)
class _Block:
    """One level of the UNet: its channels, its residual layers, transformer layers in each."""

    channels: int
    layers: int
    depth: int


def unet_config(header: Header, prefix: str, base: str, sample: int) -> dict[str, Any]:
    """Keywords of UNet2DConditionModel; `sample` is the native side in latents."""
    blocks = _blocks(header, prefix)
    layers = {block.layers for block in blocks}
    if len(layers) != 1:
        raise Unreadable("its UNet", "has levels of different length, which diffusers has not")
    middle = _depth(header, f"{prefix}middle_block.1.")
    channels = tuple(block.channels for block in blocks)
    listens = re.compile(re.escape(prefix) + r"input_blocks\..*attn2\.to_k\.weight")
    config: dict[str, Any] = {
        "sample_size": sample,
        "in_channels": _needed(header, f"{prefix}input_blocks.0.0.weight")[1],
        "block_out_channels": channels,
        "layers_per_block": layers.pop(),
        "cross_attention_dim": _needed(header, _first(header.tensors, listens))[1],
        "transformer_layers_per_block": tuple(
            block.depth or (middle if block is blocks[-1] else 1) for block in blocks
        ),
        "down_block_types": tuple(_kind(block, "Down") for block in blocks),
        "up_block_types": tuple(_kind(block, "Up") for block in reversed(blocks)),
        "attention_head_dim": HEADS_SD1 if base == SD1 else tuple(c // HEAD for c in channels),
        "use_linear_projection": base != SD1,
        "upcast_attention": base == SD2,
    }
    return config | (_time_ids(header, prefix) if base == SDXL else {})


def vae_config(header: Header, prefix: str, base: str) -> dict[str, Any]:
    """Keywords of AutoencoderKL."""
    levels = _while_any(header, lambda n: f"{prefix}encoder.down.{n}.block.0.conv1.weight")
    layers = _while_any(header, lambda n: f"{prefix}encoder.down.0.block.{n}.conv1.weight")
    conv = f"{prefix}encoder.down.{{}}.block.0.conv1.weight"
    return {
        "block_out_channels": tuple(_needed(header, conv.format(n))[0] for n in range(levels)),
        "layers_per_block": layers,
        "latent_channels": 4,
        "down_block_types": ("DownEncoderBlock2D",) * levels,
        "up_block_types": ("UpDecoderBlock2D",) * levels,
        "scaling_factor": SCALES[base],
        "force_upcast": base == SDXL,
    }


def clip_config(header: Header, prefix: str) -> dict[str, Any]:
    """Keywords of CLIPTextConfig for an encoder in transformers' layout (SD1, SDXL's first)."""
    inner = f"{prefix}text_model."
    root = inner if any(name.startswith(inner) for name in header.tensors) else prefix
    layers = _while_any(header, lambda n: f"{root}encoder.layers.{n}.mlp.fc1.weight")
    intermediate = _needed(header, f"{root}encoder.layers.0.mlp.fc1.weight")[0]
    tokens = _needed(header, f"{root}embeddings.token_embedding.weight")
    places = _needed(header, f"{root}embeddings.position_embedding.weight")[0]
    return _text(tokens, places, layers, intermediate) | {"hidden_act": "quick_gelu"}


def open_clip_config(header: Header, prefix: str, base: str) -> dict[str, Any]:
    """Keywords of CLIPTextConfig for an encoder in open_clip's layout (SD2, SDXL's second)."""
    blocks = f"{prefix}transformer.resblocks."
    layers = _while_any(header, lambda n: f"{blocks}{n}.mlp.c_fc.weight")
    if base == SD2 and layers != HIDDEN_LAYERS:
        layers -= 1
    tokens = _needed(header, f"{prefix}token_embedding.weight")
    places = _needed(header, f"{prefix}positional_embedding")[0]
    intermediate = _needed(header, f"{blocks}0.mlp.c_fc.weight")[0]
    config = _text(tokens, places, layers, intermediate) | {"hidden_act": "gelu"}
    projection = header.shape(f"{prefix}text_projection")
    return config | ({"projection_dim": projection[1]} if projection else {})


def scheduler_config(prediction: str, *, zero_snr: bool, trailing: bool) -> dict[str, Any]:
    """What belongs to the model's training, as in a folder's scheduler_config.json."""
    config: dict[str, Any] = {
        "num_train_timesteps": 1000,
        "beta_start": 0.00085,
        "beta_end": 0.012,
        "beta_schedule": "scaled_linear",
        "prediction_type": prediction,
        "rescale_betas_zero_snr": zero_snr,
    }
    return config | ({"timestep_spacing": "trailing"} if trailing else {})


def _blocks(header: Header, prefix: str) -> list[_Block]:
    """The UNet's levels on its way down; a convolution with stride begins the next one."""
    blocks: list[_Block] = []
    layers = depth = channels = 0
    for number in count(1):
        at = f"{prefix}input_blocks.{number}.0"
        out = header.shape(f"{at}.out_layers.3.weight")
        if out:
            channels, layers = out[0], layers + 1
            depth = _depth(header, f"{prefix}input_blocks.{number}.1.")
            continue
        blocks.append(_Block(channels, layers, depth))
        layers = 0
        if not header.shape(f"{at}.op.weight"):
            break
    return blocks


def _depth(header: Header, prefix: str) -> int:
    return _while_any(header, lambda n: f"{prefix}transformer_blocks.{n}.attn1.to_q.weight")


def _kind(block: _Block, way: str) -> str:
    return f"CrossAttn{way}Block2D" if block.depth else f"{way}Block2D"


def _time_ids(header: Header, prefix: str) -> dict[str, Any]:
    """SDXL's second condition: the pooled text and six numbers, each embedded alike."""
    together = _needed(header, f"{prefix}label_emb.0.0.weight")[1]
    pooled = _needed(header, PROJECTION)[1]
    return {
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": (together - pooled) // 6,
        "projection_class_embeddings_input_dim": together,
    }


def _text(tokens: tuple[int, ...], places: int, layers: int, intermediate: int) -> dict[str, Any]:
    words, width = tokens
    return {
        "vocab_size": words,
        "hidden_size": width,
        "intermediate_size": intermediate,
        "num_hidden_layers": layers,
        "num_attention_heads": max(1, width // HEAD),
        "max_position_embeddings": places,
        "projection_dim": width,
        # CLIP's vocabulary ends with begin and end.
        "bos_token_id": words - 2,
        "eos_token_id": words - 1,
        "pad_token_id": words - 1,
    }


def _needed(header: Header, name: str) -> tuple[int, ...]:
    """A tensor's shape; raises Unreadable where it is missing."""
    if name not in header.tensors:
        raise Unreadable("it", f"lacks {name or 'an attention layer'}")
    return header.shape(name)


def _while_any(header: Header, name: Any) -> int:
    """How many tensors of a numbered name there are, from 0 on."""
    return next(number for number in count() if name(number) not in header.tensors)


def _first(names: Iterable[str], pattern: re.Pattern[str]) -> str:
    return next((name for name in names if pattern.fullmatch(name)), "")
