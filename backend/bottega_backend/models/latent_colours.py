"""Latents to colours without a decoder: a linear map, fitted to each VAE when it is loaded."""

from __future__ import annotations

from typing import Any

import torch

SIDE = 32
"""Latents per side of the chart that the map is fitted on."""


def fit(vae: Any) -> torch.Tensor:
    """Least squares from scaled latents to RGB in 0..1: float32 (latent channels + 1, 3)."""
    chart = _chart(SIDE)
    cell = 2 ** (len(vae.config.block_out_channels) - 1)
    picture = torch.nn.functional.interpolate(chart, scale_factor=cell, mode="nearest")
    weight = next(vae.parameters())
    with torch.inference_mode():
        latents = vae.encode(picture.to(weight) * 2 - 1).latent_dist.mode()
    latents = latents.float().cpu() * vae.config.scaling_factor
    solved: torch.Tensor = torch.linalg.lstsq(_rows(latents), chart[0].flatten(1).T).solution
    return solved


def colours(latents: torch.Tensor, fitted: torch.Tensor) -> torch.Tensor:
    """Scaled latents (1, c, h, w) as a picture (h, w, 3), float32, 0..1."""
    rgb = _rows(latents.float().cpu()) @ fitted
    return rgb.clamp(0, 1).reshape(*latents.shape[-2:], 3)


def _rows(latents: torch.Tensor) -> torch.Tensor:
    rows = latents[0].flatten(1).T
    return torch.cat([rows, torch.ones(len(rows), 1)], dim=1)


def _chart(side: int) -> torch.Tensor:
    """Patches of 2 by 2 cells in random colours, (1, 3, side, side), the same every time."""
    generator = torch.Generator().manual_seed(0)
    patches = torch.rand(1, 3, side // 2, side // 2, generator=generator)
    return torch.nn.functional.interpolate(patches, size=(side, side), mode="nearest")
