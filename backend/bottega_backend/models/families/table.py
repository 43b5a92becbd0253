"""Which loader reads which family."""

from __future__ import annotations

from bottega_backend.models.loaded import Loader

from . import sd15

FAMILIES: dict[str, Loader] = {
    "Apprentice": sd15.load,
    "Stable Diffusion 1.5": sd15.load,
    "Stable Diffusion 1.5 layout": sd15.load,
}
"""By the names that the shelf gives them."""
