"""Text encoders' tensors under the names that transformers has for them.

open_clip's (SD2, SDXL's second encoder) keep queries, keys and values in one tensor, and the
projection the other way round.
"""

from __future__ import annotations

import re

import torch

Tensors = dict[str, torch.Tensor]

FIXED = {
    "token_embedding.weight": "embeddings.token_embedding.weight",
    "positional_embedding": "embeddings.position_embedding.weight",
    "ln_final.weight": "final_layer_norm.weight",
    "ln_final.bias": "final_layer_norm.bias",
}

IN_LAYERS = (
    ("ln_1.", "layer_norm1."),
    ("ln_2.", "layer_norm2."),
    ("mlp.c_fc.", "mlp.fc1."),
    ("mlp.c_proj.", "mlp.fc2."),
    ("attn.out_proj.", "self_attn.out_proj."),
)

LAYER = re.compile(r"transformer\.resblocks\.(\d+)\.(.+)")
JOINED = re.compile(r"attn\.in_proj_(weight|bias)")


def from_open_clip(tensors: Tensors, layers: int) -> Tensors:
    """Transformers' names without their `text_model.`; layers beyond `layers` are left out."""
    renamed: Tensors = {}
    for name, tensor in tensors.items():
        layer = LAYER.fullmatch(name)
        if name in FIXED:
            renamed[FIXED[name]] = tensor
        elif name == "text_projection":
            renamed["text_projection.weight"] = tensor.T.contiguous()
        elif layer and int(layer[1]) < layers:
            renamed |= {
                f"encoder.layers.{layer[1]}.{inner}": part
                for inner, part in _in_layer(layer[2], tensor).items()
            }
    return renamed


def from_clip(tensors: Tensors) -> Tensors:
    """Transformers' own names without their `text_model.`, and without what it counts itself."""
    return {
        name.removeprefix("text_model."): tensor
        for name, tensor in tensors.items()
        if not name.endswith("position_ids")
    }


def as_model_names(tensors: Tensors, model: torch.nn.Module) -> Tensors:
    """With or without `text_model.` before each name, as this version's model has it."""
    wanted = set(model.state_dict())
    return {
        name if name in wanted else f"text_model.{name}": tensor for name, tensor in tensors.items()
    }


def _in_layer(name: str, tensor: torch.Tensor) -> Tensors:
    joined = JOINED.fullmatch(name)
    if joined:
        parts = tensor.chunk(3)
        return {
            f"self_attn.{which}_proj.{joined[1]}": part.contiguous()
            for which, part in zip("qkv", parts, strict=True)
        }
    for theirs, ours in IN_LAYERS:
        if name.startswith(theirs):
            return {ours + name.removeprefix(theirs): tensor}
    return {}
