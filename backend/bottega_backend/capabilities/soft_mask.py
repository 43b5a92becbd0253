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

    def apply(self, pipeline: Any, call: int, latents: torch.Tensor) -> torch.Tensor:
        """The latents after `call` (from 0), with the cells that are not free yet put back."""
        made, steps = steps_made(pipeline, call)
        free = self.cells > 1 - made / steps
        return torch.where(free, latents, self._known(pipeline, call))

    def _known(self, pipeline: Any, call: int) -> torch.Tensor:
        calls = pipeline.num_timesteps
        if call + 1 == calls:
            return self.original
        coming = pipeline.scheduler.timesteps[-calls:][call + 1]
        noised = pipeline.scheduler.add_noise(self.original, self.noise, coming.reshape(1))
        return torch.as_tensor(noised)


def steps_made(pipeline: Any, call: int) -> tuple[int, int]:
    """(step, steps): which step, from 1, a call of the model (from 0) belongs to, of how many.

    Samplers of order 2 call twice in each step but the last. Both calls see the same cells free:
    those that are after the step.
    """
    order: int = pipeline.scheduler.order
    return call // order + 1, -(-pipeline.num_timesteps // order)
