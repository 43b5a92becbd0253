"""Which recipe does which capability."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bottega_backend.engine.stage import Stage
from bottega_backend.shelf.catalog import Model
from bottega_protocol.results import Result

from .blobs import Blobs
from .fill import fill
from .generate import generate
from .refine import refine

Recipe = Callable[[Any, Model, Blobs, Stage], Result]
"""Each takes the record of its own capability."""

RECIPES: dict[str, Recipe] = {"generate": generate, "fill": fill, "refine": refine}
