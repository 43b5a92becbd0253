"""DPM++ 2M: an exponential step that also looks one step back."""

from __future__ import annotations

import torch

from .earlier import Earlier, EarlierSampler


class Dpmpp2M(EarlierSampler):
    """x' = (s'/s) x + (1 - s'/s) D, D = x0 + (x0 - x0 before) h / (2 h before), h = ln(s/s').

    Lu et al., 2022, arXiv:2211.01095, DPM-Solver++(2M) (k-diffusion: sample_dpmpp_2m).
    """

    remembers = 1

    def _advance(
        self, now: Earlier, x: torch.Tensor, end: float, generator: torch.Generator | None
    ) -> torch.Tensor:
        del generator
        picture = now.clean
        for before in self._earlier:
            picture = picture + (now.clean - before.clean) * (now.h / (2 * before.h))
        left = end / now.begin
        return left * x + (1 - left) * picture
