"""Which loader reads which family."""

from __future__ import annotations

from bottega_backend.models.loaded import Loader
from bottega_backend.shelf.layout import FAMILIES as STABLE_DIFFUSION
from bottega_backend.shelf.layout import LAYOUT

from . import stable_diffusion

FAMILIES: dict[str, Loader] = {
    "Apprentice": stable_diffusion.load,
    **dict.fromkeys(STABLE_DIFFUSION, stable_diffusion.load),
    **{name + LAYOUT: stable_diffusion.load for name in STABLE_DIFFUSION},
}
"""By the names that the shelf gives them."""
