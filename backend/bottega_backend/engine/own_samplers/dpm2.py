"""DPM2: along the slope at each step's middle."""

from __future__ import annotations

import torch

from .two_calls import Begun, TwoCallSampler, between


class Dpm2(TwoCallSampler):
    """x' = x + (xm - x0m) / m * (s' - s), m = sqrt(s s'), xm by Euler's step from s to m.

    Lu et al., 2022, arXiv:2206.00927, DPM-Solver-2 in k-diffusion's form (sample_dpm_2).
    """

    def _middle(self, begin: float, end: float) -> float:
        return between(begin, end)

    def _begin(self, begun: Begun, generator: torch.Generator | None) -> torch.Tensor:
        del generator
        slope = (begun.x - begun.clean) / begun.begin
        return begun.x + slope * (self._middle(begun.begin, begun.end) - begun.begin)

    def _finish(
        self, begun: Begun, x: torch.Tensor, clean: torch.Tensor, generator: torch.Generator | None
    ) -> torch.Tensor:
        del generator
        slope = (x - clean) / self._middle(begun.begin, begun.end)
        return begun.x + slope * (begun.end - begun.begin)
