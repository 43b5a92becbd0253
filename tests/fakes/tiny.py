"""Tiny models in Stable Diffusion 1.5's layout with random weights: no hub, seconds to build."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    EulerDiscreteScheduler,
    StableDiffusionInpaintPipeline,
    UNet2DConditionModel,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

FAMILY = "Stable Diffusion 1.5 layout"
NATIVE = 64
"""Pixels per side that the tiny models are made for."""

WIDTH = 32
SPECIAL = ("<|startoftext|>", "<|endoftext|>")


@cache
def models_folder() -> Path:
    """A models folder with `tiny` (4 channels) and `tiny-inpaint` (9), built once per run."""
    folder = Path(tempfile.mkdtemp(prefix="bottega-tiny-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name, in_channels in (("tiny", 4), ("tiny-inpaint", 9)):
        build(in_channels).save_pretrained(folder / name, safe_serialization=True)
    return folder


def build(in_channels: int, seed: int = 0) -> StableDiffusionInpaintPipeline:
    """A whole pipeline; its weights depend on the seed alone."""
    torch.manual_seed(seed)
    return StableDiffusionInpaintPipeline(
        vae=noisy(_vae(), seed + 1),
        text_encoder=_text_encoder().eval(),
        tokenizer=tokenizer(),
        unet=noisy(_unet(in_channels), seed + 2),
        scheduler=EulerDiscreteScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def _unet(in_channels: int) -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=NATIVE // 8,
        in_channels=in_channels,
        block_out_channels=(16, 16, 32, 32),
        norm_num_groups=4,
        layers_per_block=1,
        cross_attention_dim=WIDTH,
        attention_head_dim=2,
    )


def _vae() -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=(8, 8, 8, 8),
        norm_num_groups=4,
        latent_channels=4,
        layers_per_block=1,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
    )


def _text_encoder() -> CLIPTextModel:
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=514,
            hidden_size=WIDTH,
            intermediate_size=2 * WIDTH,
            num_hidden_layers=2,
            num_attention_heads=2,
            max_position_embeddings=77,
            projection_dim=WIDTH,
            bos_token_id=512,
            eos_token_id=513,
            pad_token_id=513,
        )
    )


def tokenizer(pad: str = SPECIAL[1]) -> CLIPTokenizer:
    """One token per byte, and one per byte that ends a word: any text can be encoded."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    letters = [chr(byte if byte in printable else next(others)) for byte in range(256)]
    tokens = [*letters, *(letter + "</w>" for letter in letters), *SPECIAL]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    return CLIPTokenizer(vocab=vocabulary, merges=[], pad_token=pad, model_max_length=77)


def noisy(module: torch.nn.Module, seed: int) -> torch.nn.Module:
    """Weights large enough that the outputs depend on every input."""
    generator = torch.Generator().manual_seed(seed)
    for weight in module.parameters():
        if weight.dim() > 1:
            weight.data = torch.randn(weight.shape, generator=generator) / weight[0].numel() ** 0.5
    return module.eval()
