"""A denoiser that needs no weights, for comparing samplers: torch alone, nothing of ours."""

import torch

SHAPE = (1, 4, 4, 4)
STEPS = 12
SEED = 2


def alphas_cumprod() -> torch.Tensor:
    """Stable Diffusion's training: 1000 betas, "scaled_linear" from 0.00085 to 0.012."""
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float32) ** 2
    return torch.cumprod(1 - betas, dim=0)


def predict_noise(x: torch.Tensor, time: torch.Tensor) -> torch.Tensor:
    """The noise in x (1, c, h, w), which has about unit variance, at a time from 0 to 999.

    Bent, different in every cell, and smooth in time, so that no error of a sampler cancels.
    """
    places = torch.arange(x.numel(), dtype=x.dtype).reshape(x.shape)
    mixed = x.roll(1, 1) - 0.5 * x.roll(1, 2) + 0.3 * x.roll(1, 3)
    wave = torch.cos(places + 0.004 * time.reshape(-1, 1, 1, 1))
    return 0.9 * x + 0.4 * torch.tanh(mixed + wave)


def begin() -> tuple[torch.Tensor, torch.Generator]:
    """The noise to begin from, and the generator that goes on after it."""
    generator = torch.Generator().manual_seed(SEED)
    return torch.randn(SHAPE, generator=generator), generator
