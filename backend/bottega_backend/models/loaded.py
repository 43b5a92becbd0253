"""A model in memory: the components that all its jobs share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from .text_cache import TextCache


@dataclass(frozen=True)
class Reader:
    """A text encoder and the tokenizer that cuts words for it."""

    encoder: Any
    tokenizer: Any


@dataclass(frozen=True)
class Loaded:
    """Shared components. Nobody changes them: a job has its own sampler and its own pipeline.

    `sampler` is the model's own scheduler_config (betas, prediction type, spacing). `colours`
    maps latents to RGB for previews, float32 (latent channels + 1, 3), see latent_colours.py.
    `layout` says which pipelines fit: "sd" (one text encoder) or "sdxl" (two). `zero_negative`:
    it was trained with zeros for an empty negative prompt. `texts` remembers what was encoded,
    and goes with the model.
    """

    folder: Path
    unet: Any
    vae: Any
    text_encoder: Any
    tokenizer: Any
    sampler: dict[str, Any]
    colours: torch.Tensor
    text_encoder_2: Any = None
    tokenizer_2: Any = None
    layout: str = "sd"
    zero_negative: bool = False
    texts: TextCache = field(default_factory=TextCache, compare=False)

    @property
    def device(self) -> torch.device:
        """Where the weights lie."""
        device: torch.device = self.unet.device
        return device

    @property
    def dtype(self) -> torch.dtype:
        """The number type of the UNet's weights, and of latents."""
        dtype: torch.dtype = self.unet.dtype
        return dtype

    @property
    def in_channels(self) -> int:
        """4: latents; 9: latents, mask and masked picture (an inpaint model)."""
        return int(self.unet.config.in_channels)

    def readers(self) -> tuple[Reader, ...]:
        """Its text encoders, in the order in which what they say is put side by side."""
        first = Reader(self.text_encoder, self.tokenizer)
        if self.text_encoder_2 is None:
            return (first,)
        return (first, Reader(self.text_encoder_2, self.tokenizer_2))

    def parts(self) -> dict[str, Any]:
        """The components by the names that diffusers' pipelines have for them."""
        names = ["unet", "vae", "text_encoder", "tokenizer"]
        if self.layout == "sdxl":
            names += ["text_encoder_2", "tokenizer_2"]
        return {name: getattr(self, name) for name in names}

    def modules(self) -> dict[str, tuple[torch.nn.Module, ...]]:
        """The modules whose forwards take time, by the phase of a job that calls them."""
        encoders = tuple(reader.encoder for reader in self.readers())
        return {
            "encoding": (*encoders, self.vae.encoder),
            "denoising": (self.unet,),
            "decoding": (self.vae.decoder,),
        }


Loader = Callable[[Path, torch.device, torch.dtype], Loaded]
