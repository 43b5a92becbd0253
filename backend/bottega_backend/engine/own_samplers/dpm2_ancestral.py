"""DPM2 a: DPM2 further down than asked, then fresh noise up to the level."""

from __future__ import annotations

import torch

from .ancestral import split
from .dpm2 import Dpm2
from .sigmas import noise_like
from .two_calls import Begun, between


class Dpm2Ancestral(Dpm2):
    """DPM2 from s to `down`, then + up * noise (k-diffusion: sample_dpm_2_ancestral)."""

    def _middle(self, begin: float, end: float) -> float:
        return between(begin, split(begin, end)[0])

    def _finish(
        self, begun: Begun, x: torch.Tensor, clean: torch.Tensor, generator: torch.Generator | None
    ) -> torch.Tensor:
        down, up = split(begun.begin, begun.end)
        slope = (x - clean) / self._middle(begun.begin, begun.end)
        return begun.x + slope * (down - begun.begin) + up * noise_like(x, generator)
