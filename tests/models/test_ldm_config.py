"""From the shapes of the true models come the configs that were published with them."""

import pytest
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from fakes import ldm
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from bottega_backend.models import ldm_config
from bottega_backend.shelf.inspect import Header, Tensor

SD1 = {
    "sample_size": 64,
    "in_channels": 4,
    "block_out_channels": (320, 640, 1280, 1280),
    "layers_per_block": 2,
    "cross_attention_dim": 768,
    "attention_head_dim": 8,
}
SD2 = SD1 | {
    "sample_size": 96,
    "cross_attention_dim": 1024,
    "attention_head_dim": (5, 10, 20, 20),
    "use_linear_projection": True,
    "upcast_attention": True,
}
SDXL = {
    "sample_size": 128,
    "in_channels": 4,
    "block_out_channels": (320, 640, 1280),
    "layers_per_block": 2,
    "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
    "transformer_layers_per_block": (1, 2, 10),
    "cross_attention_dim": 2048,
    "attention_head_dim": (5, 10, 20),
    "use_linear_projection": True,
    "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256,
    "projection_class_embeddings_input_dim": 2816,
}
PUBLISHED = {
    "Stable Diffusion 1.5": SD1,
    "Stable Diffusion 2": SD2,
    "Stable Diffusion XL": SDXL,
}
TEXTS = {
    "CLIP ViT-L": (768, 3072, 12, 12, "quick_gelu"),
    "OpenCLIP ViT-H": (1024, 4096, 23, 16, "gelu"),
    "OpenCLIP ViT-bigG": (1280, 5120, 32, 20, "gelu"),
}


def header(prefix, tensors):
    return Header(
        {prefix + name: Tensor("F16", tuple(tensor.shape)) for name, tensor in tensors.items()}
    )


def bare(kind, config):
    """The true model without its weights."""
    with torch.device("meta"):
        return kind(**config) if isinstance(config, dict) else kind(config)


def text_config(name, projection=768):
    width, inner, layers, heads, activation = TEXTS[name]
    return CLIPTextConfig(
        vocab_size=49408,
        hidden_size=width,
        intermediate_size=inner,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        hidden_act=activation,
        projection_dim=projection,
    )


@pytest.mark.parametrize("base", PUBLISHED)
@pytest.mark.parametrize("in_channels", [4, 9])
def test_a_unet_s_config_is_read_off_its_shapes(base, in_channels):
    published = PUBLISHED[base] | {"in_channels": in_channels}
    model = bare(UNet2DConditionModel, published)
    shapes = header("u.", ldm.unet(model))
    if base.endswith("XL"):
        projection = Tensor("F16", (1280, 1280))
        shapes.tensors["conditioner.embedders.1.model.text_projection"] = projection
    derived = ldm_config.unet_config(shapes, "u.", base, published["sample_size"])
    again = bare(UNet2DConditionModel, derived)
    assert {n: t.shape for n, t in again.state_dict().items()} == {
        n: t.shape for n, t in model.state_dict().items()
    }
    for key in published:
        one, other = again.config[key], model.config[key]
        assert one == other or set(one) == {other}, key


@pytest.mark.parametrize("base", PUBLISHED)
def test_a_vae_s_config_is_read_off_its_shapes(base):
    xl = base.endswith("XL")
    published = {
        "block_out_channels": (128, 256, 512, 512),
        "layers_per_block": 2,
        "latent_channels": 4,
        "down_block_types": ("DownEncoderBlock2D",) * 4,
        "up_block_types": ("UpDecoderBlock2D",) * 4,
        "scaling_factor": 0.13025 if xl else 0.18215,
        "force_upcast": xl,
    }
    shapes = header("v.", ldm.vae(bare(AutoencoderKL, published)))
    assert ldm_config.vae_config(shapes, "v.", base) == published


KEYS = (
    "vocab_size",
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "hidden_act",
    "max_position_embeddings",
)


def same(derived, published):
    assert {key: derived[key] for key in KEYS} == {key: getattr(published, key) for key in KEYS}
    assert (derived["bos_token_id"], derived["eos_token_id"]) == (49406, 49407)


@pytest.mark.parametrize("inner", ["", "text_model."])
def test_the_first_text_encoder_s_config(inner):
    """Some files leave out a part of the names."""
    published = text_config("CLIP ViT-L")
    shapes = header("t." + inner, ldm.clip(bare(CLIPTextModel, published)))
    same(ldm_config.clip_config(shapes, "t."), published)


@pytest.mark.parametrize("spare", [0, 1])
def test_the_second_family_s_text_encoder_lacks_its_last_layer(spare):
    """Which is in most files, and left out of all diffusers folders."""
    published = text_config("OpenCLIP ViT-H")
    shapes = header("t.", ldm.open_clip(bare(CLIPTextModel, published), spare))
    same(ldm_config.open_clip_config(shapes, "t.", "Stable Diffusion 2"), published)


def test_sdxl_s_second_text_encoder_has_all_its_layers_and_a_projection():
    published = text_config("OpenCLIP ViT-bigG", 1280)
    shapes = header("t.", ldm.open_clip(bare(CLIPTextModelWithProjection, published)))
    derived = ldm_config.open_clip_config(shapes, "t.", "Stable Diffusion XL")
    same(derived, published)
    assert derived["projection_dim"] == 1280
