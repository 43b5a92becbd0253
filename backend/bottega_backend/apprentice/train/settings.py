"""What a training run is given: where, how long, how large, on which device."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch


@dataclass(frozen=True)
class Settings:
    """`folder` holds everything of a run; `minutes` is the stage's whole budget of computing.

    `size` is the native side in pixels, `scenes` how many pictures there are, of which `mixed`
    (0..1) are of other sizes around it. Batches are as many pictures as one step takes. With
    `steps` the budget is that many steps instead of time.
    """

    folder: Path
    minutes: float
    size: int
    scenes: int
    mixed: float
    seed: int
    device: torch.device
    vae_batch: int
    unet_batch: int
    steps: int = 0

    @property
    def seconds(self) -> float:
        """The stage's budget."""
        return self.minutes * 60

    @property
    def judged(self) -> int:
        """Scenes that the judge looks at between the stages: fewer for a run that is a trial."""
        return min(200, self.scenes // 20)

    @property
    def fast(self) -> bool:
        """Whether there is a GPU: then bfloat16, and compiled."""
        return self.device.type == "cuda"


SIZES = ((1.0, 0.75), (0.75, 1.0), (1.0, 1.25), (0.75, 0.75))
"""Other sizes that are trained, as shares of the native side: rows, columns."""


def default_device() -> torch.device:
    """The GPU where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")
