"""What samplers of two model calls a step share; the last step, down to 0, has one."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import torch

from .sigmas import SigmaSampler


@dataclass(frozen=True)
class Begun:
    """A step from level `begin` to `end`, and what its first call told: x and the picture x0."""

    begin: float
    end: float
    x: torch.Tensor
    clean: torch.Tensor


class TwoCallSampler(SigmaSampler):
    """A first call at the step's begin, a second one at `_middle`: 2N - 1 calls for N steps.

    Between the two the sample is at the middle's level, as `sigmas` says: what the pipeline or a
    soft mask puts in there is noised as far as the rest. The step goes on from where it began.
    """

    order = 2

    def _calls(self) -> Sequence[float]:
        pairs = zip(self.levels[:-2], self.levels[1:-1], strict=True)
        return [
            *(sigma for pair in pairs for sigma in (pair[0], self._middle(*pair))),
            self.levels[-2],
        ]

    def _restart(self) -> None:
        self._begun: Begun | None = None

    def _move(
        self, call: int, x: torch.Tensor, clean: torch.Tensor, generator: torch.Generator | None
    ) -> torch.Tensor:
        begun, self._begun = self._begun, None
        if begun is not None:
            return self._finish(begun, x, clean, generator)
        begin, end = self.levels[call // 2], self.levels[call // 2 + 1]
        if end == 0:
            return clean
        self._begun = Begun(begin, end, x, clean)
        return self._begin(self._begun, generator)

    @abstractmethod
    def _middle(self, begin: float, end: float) -> float:
        """The level of the second call."""

    @abstractmethod
    def _begin(self, begun: Begun, generator: torch.Generator | None) -> torch.Tensor:
        """The sample at the middle."""

    @abstractmethod
    def _finish(
        self, begun: Begun, x: torch.Tensor, clean: torch.Tensor, generator: torch.Generator | None
    ) -> torch.Tensor:
        """The sample at the end, from the middle's x and picture."""


def between(begin: float, end: float) -> float:
    """Half way on the scale of logarithms."""
    return float((begin * end) ** 0.5)
