"""Euler a: Euler's step further down than asked, then fresh noise up to the level."""

from __future__ import annotations

import torch

from .ancestral import split
from .sigmas import SigmaSampler, noise_like


class EulerAncestral(SigmaSampler):
    """x' = x + (x - x0) / s * (down - s) + up * noise (k-diffusion: sample_euler_ancestral).

    diffusers has it too, but ignores Karras' levels there without a word.
    """

    def _move(
        self, call: int, x: torch.Tensor, clean: torch.Tensor, generator: torch.Generator | None
    ) -> torch.Tensor:
        begin, end = self.levels[call], self.levels[call + 1]
        down, up = split(begin, end)
        moved = x + (x - clean) / begin * (down - begin)
        return moved + up * noise_like(x, generator) if end > 0 else moved
