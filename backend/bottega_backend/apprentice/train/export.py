"""A trained model as a folder that every loader of Stable Diffusion 1.5's layout reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AutoencoderKL,
    DPMSolverMultistepScheduler,
    StableDiffusionInpaintPipeline,
    StableDiffusionPipeline,
)
from transformers import CLIPTokenizer

from .parts import SAMPLER
from .tokens import save_tokenizer

READABLE = 0o644


def export(folder: Path, vae: AutoencoderKL, tokenizer: CLIPTokenizer, models: Any) -> None:
    """Write a diffusers folder in half precision; nothing in it names the machine."""
    unet, text = models
    kind = (
        StableDiffusionInpaintPipeline if unet.config.in_channels == 9 else StableDiffusionPipeline
    )
    pipeline = kind(
        vae=vae,
        text_encoder=text,
        tokenizer=tokenizer,
        unet=unet,
        scheduler=DPMSolverMultistepScheduler(**SAMPLER),
        safety_checker=None,
        feature_extractor=None,
        image_encoder=None,
        requires_safety_checker=False,
    )
    pipeline.to("cpu", torch.float16).save_pretrained(folder, safe_serialization=True)
    save_tokenizer(tokenizer, folder / "tokenizer")
    pipeline.to(torch.float32)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            path.chmod(READABLE)
        if path.suffix == ".json" and path.name not in ("tokenizer.json", "vocab.json"):
            _forget_places(path)


def _forget_places(path: Path) -> None:
    fields = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(fields, dict) and "_name_or_path" in fields:
        del fields["_name_or_path"]
        path.write_text(json.dumps(fields, indent=2) + "\n", encoding="utf-8")
