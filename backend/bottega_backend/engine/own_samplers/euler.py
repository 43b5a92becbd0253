"""Euler: straight along the slope at the beginning of each step."""

from __future__ import annotations

from .sigmas import SigmaSampler


class Euler(SigmaSampler):
    """x' = x + (x - x0) / s * (s' - s), from level s to s' (k-diffusion: sample_euler)."""
