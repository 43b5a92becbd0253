"""A model in memory: the components that all its jobs share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from .text_cache import TextCache


@dataclass(frozen=True)
class Loaded:
    """Shared components. Nobody changes them: a job has its own sampler and its own pipeline.

    `sampler` is the model's own scheduler_config (betas, prediction type, spacing). `colours`
    maps latents to RGB for previews, float32 (latent channels + 1, 3), see latent_colours.py.
    `texts` remembers what was encoded, and goes with the model.
    """

    folder: Path
    unet: Any
    vae: Any
    text_encoder: Any
    tokenizer: Any
    sampler: dict[str, Any]
    colours: torch.Tensor
    texts: TextCache = field(default_factory=TextCache, compare=False)

    @property
    def device(self) -> torch.device:
        """Where the weights lie."""
        device: torch.device = self.unet.device
        return device

    @property
    def dtype(self) -> torch.dtype:
        """The weights' number type."""
        dtype: torch.dtype = self.unet.dtype
        return dtype

    @property
    def in_channels(self) -> int:
        """4: latents; 9: latents, mask and masked picture (an inpaint model)."""
        return int(self.unet.config.in_channels)

    def modules(self) -> dict[str, tuple[torch.nn.Module, ...]]:
        """The modules whose forwards take time, by the phase of a job that calls them."""
        return {
            "encoding": (self.text_encoder, self.vae.encoder),
            "denoising": (self.unet,),
            "decoding": (self.vae.decoder,),
        }


Loader = Callable[[Path, torch.device, torch.dtype], Loaded]
