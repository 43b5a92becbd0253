"""A small picture of what is being painted, straight from the latents."""

from __future__ import annotations

import torch

from bottega_backend.models.latent_colours import colours
from bottega_protocol.messages import MOST_PREVIEW_SIDE, Preview


def preview(job: bytes, latents: torch.Tensor, fitted: torch.Tensor) -> Preview:
    """Scaled latents (1, c, h, w) as raw RGB: one pixel to a latent, fewer for large pictures."""
    rgb = colours(latents, fitted).permute(2, 0, 1)[None]
    height, width = rgb.shape[-2:]
    side = max(height, width)
    if side > MOST_PREVIEW_SIDE:
        height, width = (max(1, length * MOST_PREVIEW_SIDE // side) for length in (height, width))
        rgb = torch.nn.functional.interpolate(rgb, size=(height, width), mode="area")
    pixels = (rgb[0].permute(1, 2, 0) * 255 + 0.5).to(torch.uint8)
    return Preview(job, width, height, pixels.numpy().tobytes())
