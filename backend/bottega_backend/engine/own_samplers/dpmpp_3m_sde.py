"""DPM++ 3M SDE: the stochastic step that looks two steps back. diffusers' is another sampler."""

from __future__ import annotations

import math

import torch

from .earlier import Earlier, EarlierSampler
from .sigmas import noise_like


class Dpmpp3MSde(EarlierSampler):
    """x' = e^-2h x + (1 - e^-2h) x0 + phi2 d1 - phi3 d2 + s' sqrt(1 - e^-2h) noise.

    h = ln(s/s'), phi2 = (e^-2h - 1) / 2h + 1, phi3 = phi2 / 2h - 1/2; d1 and d2 are the first and
    second differences of the pictures x0 over the last steps, in units of h
    (k-diffusion: sample_dpmpp_3m_sde, eta = 1).
    """

    remembers = 2

    def _advance(
        self, now: Earlier, x: torch.Tensor, end: float, generator: torch.Generator | None
    ) -> torch.Tensor:
        span = 2 * now.h
        gone = -math.expm1(-span)
        moved = (1 - gone) * x + gone * now.clean + self._bent(now, 1 - gone / span, span)
        return moved + end * math.sqrt(gone) * noise_like(x, generator)

    def _bent(self, now: Earlier, phi2: float, span: float) -> torch.Tensor:
        """How the picture's change over the last steps goes on in this one."""
        if not self._earlier:
            return torch.zeros_like(now.clean)
        one, *more = self._earlier
        ratio = one.h / now.h
        newest = (now.clean - one.clean) / ratio
        if not more:
            return phi2 * newest
        (two,) = more
        older = (one.clean - two.clean) / (two.h / now.h)
        bend = (newest - older) / (ratio + two.h / now.h)
        return phi2 * (newest + ratio * bend) - (phi2 / span - 0.5) * bend
