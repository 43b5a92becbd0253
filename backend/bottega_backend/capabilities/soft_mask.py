"""The soft mask: every cell of the picture is set free at its own time.

Differential Diffusion (Levin and Fried, 2023, arXiv:2306.00950): with mask value m, a cell follows
the original, noised as far as the rest, for the first 1 - m of the steps, and is painted from
then on. A feathered edge so grows out of what is there. Where the mask is 0 the original's
latents come out unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch


@dataclass(frozen=True)
class SoftMask:
    """For a pipeline's `callback_on_step_end`.

    `cells` (1, 1, h, w) is the mask, 0 keep to 1 paint; `original` and `noise` (1, c, h, w) are
    the picture's scaled latents and the noise that the pipeline began with.
    """

    cells: torch.Tensor
    original: torch.Tensor
    noise: torch.Tensor

    def apply(self, pipeline: Any, step: int, latents: torch.Tensor) -> torch.Tensor:
        """The latents after `step` (from 0), with the cells that are not free yet put back."""
        steps = pipeline.num_timesteps
        free = self.cells > 1 - (step + 1) / steps
        return torch.where(free, latents, self._known(pipeline, step, steps))

    def _known(self, pipeline: Any, step: int, steps: int) -> torch.Tensor:
        if step + 1 == steps:
            return self.original
        coming = pipeline.scheduler.timesteps[-steps:][step + 1]
        noised = pipeline.scheduler.add_noise(self.original, self.noise, coming.reshape(1))
        return torch.as_tensor(noised)
