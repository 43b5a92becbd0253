"""Tiny models of every family with random weights: as diffusers folders and as single files.

Widths are the least with which the shapes in a single file say everything (norms have 32 groups,
heads are 64 wide), so both forms of a model hold the same weights.
"""

import atexit
import shutil
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKL,
    DiffusionPipeline,
    EulerDiscreteScheduler,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
    UNet2DConditionModel,
)
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from .ldm import as_single_file
from .tiny import NATIVE, noisy, tokenizer

WIDTH = 64
"""Of each text encoder."""


@dataclass(frozen=True)
class Kind:
    """One tiny model: the family it is built like, its channels, and what its UNet answers."""

    base: str
    in_channels: int
    prediction: str = "epsilon"

    @property
    def family(self) -> str:
        """What the shelf calls it."""
        return f"{self.base} layout"


MODELS = {
    "sd1": Kind("Stable Diffusion 1.5", 4),
    "sd1-inpaint": Kind("Stable Diffusion 1.5", 9),
    "sd2-v": Kind("Stable Diffusion 2", 4, "v_prediction"),
    "sd2-inpaint": Kind("Stable Diffusion 2", 9),
    "sdxl": Kind("Stable Diffusion XL", 4),
    "sdxl-inpaint": Kind("Stable Diffusion XL", 9),
}


@cache
def families_folder() -> Path:
    """A models folder with all of MODELS as diffusers folders, built once per run."""
    folder = _temporary()
    for name in MODELS:
        build(name).save_pretrained(folder / name, safe_serialization=True)
    return folder


@cache
def files_folder() -> Path:
    """A models folder with the same models as single files, `sd1.safetensors` and so on.

    Their vocabulary lies beside them; what is lost with the configs is in the metadata.
    """
    folder = _temporary()
    for name, kind in MODELS.items():
        tensors = as_single_file(build(name), kind.base)
        said = {"modelspec.resolution": f"{NATIVE}x{NATIVE}", "format": "pt"}
        said["modelspec.prediction_type"] = kind.prediction.removesuffix("_prediction")
        save_file(tensors, folder / f"{name}.safetensors", said)
    source = families_folder() / "sd1" / "tokenizer"
    shutil.copytree(source, folder / "tokenizer")
    _split_vocabulary(folder / "tokenizer")
    return folder


@cache
def build(name: str) -> DiffusionPipeline:
    """A whole pipeline, a little noise in it told by its name alone."""
    kind = MODELS[name]
    seed = list(MODELS).index(name) * 10
    torch.manual_seed(seed)
    # Quick: what CLIP ViT-L uses; the encoders of open_clip use the exact one.
    exact = "gelu" if kind.base == "Stable Diffusion 2" else "quick_gelu"
    parts = {
        "vae": noisy(_vae(xl=kind.base.endswith("XL")), seed + 1),
        "text_encoder": CLIPTextModel(_text(exact)).eval(),
        "tokenizer": tokenizer("!" if kind.base == "Stable Diffusion 2" else "<|endoftext|>"),
        "unet": noisy(UNET[kind.base](kind.in_channels), seed + 2),
        "scheduler": EulerDiscreteScheduler(
            beta_start=0.00085,
            beta_end=0.012,
            beta_schedule="scaled_linear",
            prediction_type=kind.prediction,
            steps_offset=1,
        ),
    }
    if kind.base == "Stable Diffusion XL":
        second = CLIPTextModelWithProjection(_text("gelu")).eval()
        return StableDiffusionXLPipeline(
            **parts, text_encoder_2=second, tokenizer_2=tokenizer("!"), add_watermarker=False
        )
    return StableDiffusionPipeline(
        **parts, safety_checker=None, feature_extractor=None, requires_safety_checker=False
    )


def _sd1(in_channels: int) -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=NATIVE // 8,
        in_channels=in_channels,
        block_out_channels=(32, 32, 64, 64),
        cross_attention_dim=WIDTH,
        attention_head_dim=8,
    )


def _sd2(in_channels: int) -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=NATIVE // 8,
        in_channels=in_channels,
        block_out_channels=(64, 64, 128, 128),
        cross_attention_dim=WIDTH,
        attention_head_dim=(1, 1, 2, 2),
        use_linear_projection=True,
        upcast_attention=True,
    )


def _sdxl(in_channels: int) -> UNet2DConditionModel:
    return UNet2DConditionModel(
        sample_size=NATIVE // 8,
        in_channels=in_channels,
        block_out_channels=(64, 64, 128),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(1, 1, 2),
        cross_attention_dim=2 * WIDTH,
        attention_head_dim=(1, 1, 2),
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=WIDTH + 6 * 8,
    )


UNET = {"Stable Diffusion 1.5": _sd1, "Stable Diffusion 2": _sd2, "Stable Diffusion XL": _sdxl}


def _vae(*, xl: bool) -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=(32, 32, 32, 32),
        layers_per_block=2,
        latent_channels=4,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        scaling_factor=0.13025 if xl else 0.18215,
        force_upcast=xl,
    )


def _text(activation: str) -> CLIPTextConfig:
    return CLIPTextConfig(
        vocab_size=514,
        hidden_size=WIDTH,
        intermediate_size=2 * WIDTH,
        num_hidden_layers=3,
        num_attention_heads=1,
        max_position_embeddings=77,
        projection_dim=WIDTH,
        hidden_act=activation,
        bos_token_id=512,
        eos_token_id=513,
        pad_token_id=513,
    )


def _temporary() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="bottega-families-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _split_vocabulary(folder: Path) -> None:
    """vocab.json and merges.txt, as older folders have them, where there is tokenizer.json only."""
    import json  # noqa: PLC0415  # here alone

    whole = json.loads((folder / "tokenizer.json").read_text())
    (folder / "vocab.json").write_text(json.dumps(whole["model"]["vocab"]))
    (folder / "merges.txt").write_text("#version: 0.2\n")
