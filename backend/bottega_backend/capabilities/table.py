"""Which recipe does which capability."""

from __future__ import annotations

from collections.abc import Callable

from bottega_backend.engine.stage import Stage
from bottega_backend.shelf.catalog import Model
from bottega_protocol.requests import AnyRequest
from bottega_protocol.results import Result

from .blobs import Blobs
from .fill import fill

Recipe = Callable[[AnyRequest, Model, Blobs, Stage], Result]

RECIPES: dict[str, Recipe] = {"fill": fill}
