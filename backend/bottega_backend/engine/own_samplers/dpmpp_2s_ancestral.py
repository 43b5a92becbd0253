"""DPM++ 2S a: an exponential step through the middle, then fresh noise. diffusers has none."""

from __future__ import annotations

import torch

from .ancestral import split
from .sigmas import noise_like
from .two_calls import Begun, TwoCallSampler, between


class Dpmpp2SAncestral(TwoCallSampler):
    """x' = (down / s) x + (1 - down / s) x0m + up * noise, m = sqrt(s down).

    Lu et al., 2022, arXiv:2211.01095, DPM-Solver++(2S) for the data-prediction ODE, whose exact
    solution for a constant picture x0 is (s'/s) x + (1 - s'/s) x0
    (k-diffusion: sample_dpmpp_2s_ancestral).
    """

    def _middle(self, begin: float, end: float) -> float:
        return between(begin, split(begin, end)[0])

    def _begin(self, begun: Begun, generator: torch.Generator | None) -> torch.Tensor:
        del generator
        left = self._middle(begun.begin, begun.end) / begun.begin
        return left * begun.x + (1 - left) * begun.clean

    def _finish(
        self, begun: Begun, x: torch.Tensor, clean: torch.Tensor, generator: torch.Generator | None
    ) -> torch.Tensor:
        down, up = split(begun.begin, begun.end)
        left = down / begun.begin
        return left * begun.x + (1 - left) * clean + up * noise_like(x, generator)
