"""LMS: a polynomial through the slopes of the last four steps, followed to the next level."""

from __future__ import annotations

import numpy as np
import torch

from .sigmas import SigmaSampler

MOST = 4
"""Slopes that are remembered, the newest included."""

POINTS, WEIGHTS = np.polynomial.legendre.leggauss(2)
"""Gauss-Legendre on -1..1: two points are exact for the cubics that four slopes make."""


class LinearMultistep(SigmaSampler):
    """x' = x + sum of c_j d_j, c_j the integral from s to s' of Lagrange's polynomial of d_j.

    d = (x - x0) / s; Adams-Bashforth over levels of any spacing (k-diffusion: sample_lms).
    """

    def _restart(self) -> None:
        self._slopes: tuple[torch.Tensor, ...] = ()

    def _move(
        self, call: int, x: torch.Tensor, clean: torch.Tensor, generator: torch.Generator | None
    ) -> torch.Tensor:
        del generator
        begin, end = self.levels[call], self.levels[call + 1]
        self._slopes = ((x - clean) / begin, *self._slopes)[:MOST]
        known = [self.levels[call - back] for back in range(len(self._slopes))]
        for weight, slope in zip(coefficients(known, end), self._slopes, strict=True):
            x = x + weight * slope
        return x


def coefficients(known: list[float], end: float) -> list[float]:
    """For the slopes at levels `known`, the newest first: what each adds on the way to `end`."""
    half, centre = (end - known[0]) / 2, (end + known[0]) / 2
    places = centre + half * POINTS
    weights = []
    for own in known:
        polynomial = np.ones_like(places)
        for other in known:
            if other != own:
                polynomial = polynomial * (places - other) / (own - other)
        weights.append(float(half * WEIGHTS @ polynomial))
    return weights
