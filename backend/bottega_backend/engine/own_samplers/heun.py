"""Heun: the mean of the slopes at both ends of each step."""

from __future__ import annotations

import torch

from .two_calls import Begun, TwoCallSampler


class Heun(TwoCallSampler):
    """x' = x + (d + d') / 2 * (s' - s), d = (x - x0) / s, d' after Euler's step to s'.

    Karras et al., 2022, arXiv:2206.00364, algorithm 1 (k-diffusion: sample_heun).
    """

    def _middle(self, begin: float, end: float) -> float:
        del begin
        return end

    def _begin(self, begun: Begun, generator: torch.Generator | None) -> torch.Tensor:
        del generator
        slope = (begun.x - begun.clean) / begun.begin
        return begun.x + slope * (begun.end - begun.begin)

    def _finish(
        self, begun: Begun, x: torch.Tensor, clean: torch.Tensor, generator: torch.Generator | None
    ) -> torch.Tensor:
        del generator
        slopes = (begun.x - begun.clean) / begun.begin + (x - clean) / begun.end
        return begun.x + slopes / 2 * (begun.end - begun.begin)
