"""What samplers share that look back: the pictures of earlier steps."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass

import torch

from .sigmas import SigmaSampler


@dataclass(frozen=True)
class Earlier:
    """A step from level `begin`: the picture x0 there, and h = ln(begin / end)."""

    begin: float
    h: float
    clean: torch.Tensor


class EarlierSampler(SigmaSampler):
    """`_earlier` holds up to `remembers` steps that were made, the newest first."""

    remembers: int

    def _restart(self) -> None:
        self._earlier: tuple[Earlier, ...] = ()

    def _move(
        self, call: int, x: torch.Tensor, clean: torch.Tensor, generator: torch.Generator | None
    ) -> torch.Tensor:
        begin, end = self.levels[call], self.levels[call + 1]
        if end == 0:
            return clean
        now = Earlier(begin, math.log(begin / end), clean)
        moved = self._advance(now, x, end, generator)
        self._earlier = (now, *self._earlier)[: self.remembers]
        return moved

    @abstractmethod
    def _advance(
        self, now: Earlier, x: torch.Tensor, end: float, generator: torch.Generator | None
    ) -> torch.Tensor:
        """The sample at level `end`, which is above 0."""
