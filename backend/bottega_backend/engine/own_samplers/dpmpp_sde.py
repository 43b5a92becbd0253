"""DPM++ SDE: the stochastic step through the middle, with noise of the job's own generator."""

from __future__ import annotations

import torch

from .ancestral import split
from .sigmas import noise_like
from .two_calls import Begun, TwoCallSampler, between


class DpmppSde(TwoCallSampler):
    """x' = (down / s) x + (1 - down / s) x0m + up * noise; to the middle m = sqrt(s s') alike.

    Lu et al., 2022, arXiv:2211.01095, DPM-Solver++ for the SDE (k-diffusion: sample_dpmpp_sde,
    r = 1/2). Both noises of a step belong to one Brownian path over sigma: that of the whole
    step holds that of its first half. k-diffusion draws such a path from a tree of bridges
    for any order of queries; here the order is known, so the path is its increments, drawn in
    turn: the same law at no cost, and what is drawn depends on the seed alone.
    """

    def _restart(self) -> None:
        super()._restart()
        self._half: torch.Tensor | None = None

    def _middle(self, begin: float, end: float) -> float:
        return between(begin, end)

    def _begin(self, begun: Begun, generator: torch.Generator | None) -> torch.Tensor:
        middle = self._middle(begun.begin, begun.end)
        self._half = noise_like(begun.x, generator)
        return _jump(begun, middle, begun.clean, self._half)

    def _finish(
        self, begun: Begun, x: torch.Tensor, clean: torch.Tensor, generator: torch.Generator | None
    ) -> torch.Tensor:
        middle = self._middle(begun.begin, begun.end)
        rest = noise_like(x, generator)
        first = (begun.begin - middle) / (begun.begin - begun.end)
        whole = first**0.5 * self._half + (1 - first) ** 0.5 * rest
        return _jump(begun, begun.end, clean, whole)


def _jump(begun: Begun, end: float, clean: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
    down, up = split(begun.begin, end)
    left = down / begun.begin
    return left * begun.x + (1 - left) * clean + up * noise
