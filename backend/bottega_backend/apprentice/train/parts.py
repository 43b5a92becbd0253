"""The parts of the Apprentice: Stable Diffusion 1.5's layout, made small."""

from __future__ import annotations

from typing import Any

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

SCALING = 0.18215
"""Of Stable Diffusion 1.5: latents are folded so that this fits (see vae.fold)."""

SAMPLER = {
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "num_train_timesteps": 1000,
    "steps_offset": 1,
    "timestep_spacing": "trailing",
    "prediction_type": "v_prediction",
}
"""The noise schedule of Stable Diffusion 1.5, learned as v (Salimans and Ho, 2022)."""

WIDTH = 128
"""Of the text that the UNet listens to."""


def make_vae() -> AutoencoderKL:
    """A million parameters, eight pixels to a latent. Small residuals, little noise at first."""
    vae = AutoencoderKL(
        block_out_channels=(16, 32, 64, 64),
        norm_num_groups=4,
        latent_channels=4,
        layers_per_block=1,
        sample_size=256,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        scaling_factor=SCALING,
    )
    with torch.no_grad():
        for module in vae.modules():
            if type(module).__name__ == "ResnetBlock2D":
                module.conv2.weight.mul_(0.1)
                module.conv2.bias.zero_()
        vae.quant_conv.bias[4:] = -6
        vae.quant_conv.weight[4:] *= 0.1
    return vae


def make_text_encoder(tokenizer: CLIPTokenizer) -> CLIPTextModel:
    """Two layers: words of one token need no more."""
    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        intermediate_size=2 * WIDTH,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=77,
        projection_dim=WIDTH,
        hidden_act="quick_gelu",
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    encoder = CLIPTextModel(config)
    with torch.no_grad():
        encoder.get_input_embeddings().weight.normal_(0, 0.1)
    return encoder


def make_unet(size: int) -> UNet2DConditionModel:
    """Five million parameters; it begins by painting nothing."""
    unet = UNet2DConditionModel(
        sample_size=size // 8,
        in_channels=4,
        out_channels=4,
        block_out_channels=(32, 64, 96, 128),
        norm_num_groups=16,
        layers_per_block=1,
        cross_attention_dim=WIDTH,
        attention_head_dim=4,
    )
    torch.nn.init.zeros_(unet.conv_out.weight)
    torch.nn.init.zeros_(unet.conv_out.bias)
    return unet


def widen(unet: UNet2DConditionModel, channels: int) -> None:
    """Let the UNet see more channels; what is new says nothing at first."""
    old = unet.conv_in
    new = torch.nn.Conv2d(channels, old.out_channels, 3, padding=1)
    with torch.no_grad():
        new.weight.zero_()
        new.weight[:, : old.in_channels] = old.weight
        new.bias = old.bias
    unet.conv_in = new.to(old.weight.device)
    unet.register_to_config(in_channels=channels)


def parameters(*modules: torch.nn.Module) -> list[Any]:
    """All parameters, in an order that never changes."""
    return [parameter for module in modules for parameter in module.parameters()]
