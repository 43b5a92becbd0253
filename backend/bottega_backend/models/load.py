"""Bring a model of the shelf into memory, with the loader of its family."""

from __future__ import annotations

from pathlib import Path

import torch

from bottega_protocol.errors import Refusal

from .families.table import FAMILIES
from .loaded import Loaded


def load(family: str, folder: Path, device: torch.device, dtype: torch.dtype) -> Loaded:
    """Load the model in `folder`, never from elsewhere; raises Refusal or Unreadable."""
    if family not in FAMILIES:
        raise Refusal(
            "unknown-family",
            f"Models of the family {family!s:.80} can't be loaded.",
            f"Choose a model of one of these: {', '.join(FAMILIES)}.",
        )
    return FAMILIES[family](folder, device, dtype)
