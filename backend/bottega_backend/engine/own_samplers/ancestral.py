"""How far an ancestral step goes down, and how much fresh noise brings it back to its level."""

from __future__ import annotations


def split(begin: float, end: float) -> tuple[float, float]:
    """(down, up) for a step from level `begin` to `end`, down**2 + up**2 = end**2.

    up**2 = end**2 (begin**2 - end**2) / begin**2, eta = 1 (k-diffusion: get_ancestral_step).
    """
    up = min(end, (end**2 * (begin**2 - end**2) / begin**2) ** 0.5)
    return (end**2 - up**2) ** 0.5, up
