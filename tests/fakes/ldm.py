"""A pipeline's weights under the names of single files (the layout of LDM), for tests.

Written the other way round than diffusers' converters, which the product uses: a slip in either
shows as a difference.
"""

import re

import torch

Tensors = dict[str, torch.Tensor]

RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "time_emb_proj": "emb_layers.1",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "conv_shortcut": "skip_connection",
}
UNET_FIXED = {
    "conv_in": "input_blocks.0.0",
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}
VAE_ATTENTION = {
    "group_norm": "norm",
    "to_q": "q",
    "to_k": "k",
    "to_v": "v",
    "to_out.0": "proj_out",
}
OPEN_CLIP = {
    "embeddings.token_embedding.weight": "token_embedding.weight",
    "embeddings.position_embedding.weight": "positional_embedding",
    "final_layer_norm.weight": "ln_final.weight",
    "final_layer_norm.bias": "ln_final.bias",
}
OPEN_CLIP_LAYER = {
    "layer_norm1": "ln_1",
    "layer_norm2": "ln_2",
    "mlp.fc1": "mlp.c_fc",
    "mlp.fc2": "mlp.c_proj",
    "self_attn.out_proj": "attn.out_proj",
}


def as_single_file(pipeline, base: str) -> Tensors:
    """Every tensor of a checkpoint of this family."""
    tensors = _prefixed("model.diffusion_model.", unet(pipeline.unet))
    tensors |= _prefixed("first_stage_model.", vae(pipeline.vae))
    first = clip(pipeline.text_encoder)
    if base == "Stable Diffusion 1.5":
        tensors |= _prefixed("cond_stage_model.transformer.text_model.", first)
    elif base == "Stable Diffusion 2":
        tensors |= _prefixed("cond_stage_model.model.", open_clip(pipeline.text_encoder, spare=1))
    else:
        tensors |= _prefixed("conditioner.embedders.0.transformer.text_model.", first)
        tensors |= _prefixed("conditioner.embedders.1.model.", open_clip(pipeline.text_encoder_2))
    return {name: tensor.detach().clone().contiguous() for name, tensor in tensors.items()}


def unet(model) -> Tensors:
    layers = model.config.layers_per_block
    attends = {block: "CrossAttn" in kind for block, kind in enumerate(model.config.up_block_types)}
    return {
        _unet_name(name, layers, attends): tensor for name, tensor in model.state_dict().items()
    }


def _unet_name(name: str, layers: int, attends: dict[int, bool]) -> str:
    found = re.fullmatch(r"(down|up)_blocks\.(\d+)\.(\w+)\.(\d+)\.(.+)", name)
    if found:
        way, block, part, layer, rest = found[1], int(found[2]), found[3], int(found[4]), found[5]
        number = block * (layers + 1) + layer + (way == "down")
        side = "input_blocks" if way == "down" else "output_blocks"
        if part == "downsamplers":
            return f"input_blocks.{(block + 1) * (layers + 1)}.0.op.{rest.removeprefix('conv.')}"
        if part == "upsamplers":
            number = block * (layers + 1) + layers
            return f"output_blocks.{number}.{1 + attends[block]}.{rest}"
        inner = _renamed(rest, RESNET) if part == "resnets" else rest
        return f"{side}.{number}.{int(part == 'attentions')}.{inner}"
    found = re.fullmatch(r"mid_block\.(\w+)\.(\d)\.(.+)", name)
    if found and found[1] == "attentions":
        return f"middle_block.1.{found[3]}"
    if found:
        return f"middle_block.{2 * int(found[2])}.{_renamed(found[3], RESNET)}"
    return _renamed(name, UNET_FIXED)


def vae(model) -> Tensors:
    levels = len(model.config.block_out_channels)
    tensors = {}
    for name, tensor in model.state_dict().items():
        attention = ".mid_block.attentions.0." in name and tensor.dim() == 2
        # Their attention is of convolutions.
        tensors[_vae_name(name, levels)] = tensor[..., None, None] if attention else tensor
    return tensors


def _vae_name(name: str, levels: int) -> str:
    found = re.fullmatch(r"(en|de)coder\.(?:down|up)_blocks\.(\d)\.(\w+)\.(\d)\.(.+)", name)
    if found:
        down = found[1] == "en"
        level = int(found[2]) if down else levels - 1 - int(found[2])
        side = f"encoder.down.{level}" if down else f"decoder.up.{level}"
        if found[3] != "resnets":
            return f"{side}.{'down' if down else 'up'}sample.{found[5]}"
        return f"{side}.block.{found[4]}.{found[5].replace('conv_shortcut', 'nin_shortcut')}"
    found = re.fullmatch(r"(\w+coder)\.mid_block\.(\w+)\.(\d)\.(.+)", name)
    if found and found[2] == "resnets":
        return f"{found[1]}.mid.block_{int(found[3]) + 1}.{found[4]}"
    if found:
        return f"{found[1]}.mid.attn_1.{_renamed(found[4], VAE_ATTENTION)}"
    return name.replace("conv_norm_out", "norm_out")


def clip(model) -> Tensors:
    return {name.removeprefix("text_model."): t for name, t in model.state_dict().items()}


def open_clip(model, spare: int = 0) -> Tensors:
    """With so many layers more than the model has, as SD2's files keep the one it leaves out."""
    given = clip(model)
    tensors = {theirs: given[ours] for ours, theirs in OPEN_CLIP.items()}
    if "text_projection.weight" in given:
        tensors["text_projection"] = given["text_projection.weight"].T
    tensors["logit_scale"] = torch.tensor(4.6)
    layers = model.config.num_hidden_layers
    for layer in range(layers + spare):
        source = {
            name.removeprefix(f"encoder.layers.{min(layer, layers - 1)}."): tensor
            for name, tensor in given.items()
            if name.startswith(f"encoder.layers.{min(layer, layers - 1)}.")
        }
        tensors |= _prefixed(f"transformer.resblocks.{layer}.", _open_clip_layer(source))
    return tensors


def _open_clip_layer(source: Tensors) -> Tensors:
    layer = {
        _renamed(name, OPEN_CLIP_LAYER): tensor
        for name, tensor in source.items()
        if not re.search(r"self_attn\.[qkv]_proj", name)
    }
    for kind in ("weight", "bias"):
        parts = [source[f"self_attn.{which}_proj.{kind}"] for which in "qkv"]
        layer[f"attn.in_proj_{kind}"] = torch.cat(parts)
    return layer


def _renamed(name: str, table: dict[str, str]) -> str:
    for ours, theirs in table.items():
        if name.startswith(ours + "."):
            return theirs + name.removeprefix(ours)
    return name


def _prefixed(prefix: str, tensors: Tensors) -> Tensors:
    return {prefix + name: tensor for name, tensor in tensors.items()}
