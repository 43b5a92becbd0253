"""DPM++ 2M SDE: DPM++ 2M of the stochastic equation, with fresh noise at every step."""

from __future__ import annotations

import math

import torch

from .earlier import Earlier, EarlierSampler
from .sigmas import noise_like


class Dpmpp2MSde(EarlierSampler):
    """x' = (s'/s) e^-h x + (1 - e^-2h) D + s' sqrt(1 - e^-2h) noise, h and D as in DPM++ 2M.

    Lu et al., 2022, arXiv:2211.01095, SDE-DPM-Solver++(2M), eta = 1, midpoint
    (k-diffusion: sample_dpmpp_2m_sde).
    """

    remembers = 1

    def _advance(
        self, now: Earlier, x: torch.Tensor, end: float, generator: torch.Generator | None
    ) -> torch.Tensor:
        picture = now.clean
        for before in self._earlier:
            picture = picture + (now.clean - before.clean) * (now.h / (2 * before.h))
        gone = -math.expm1(-2 * now.h)
        left = end / now.begin * math.exp(-now.h)
        return left * x + gone * picture + end * math.sqrt(gone) * noise_like(x, generator)
