"""What every connection shares."""

from __future__ import annotations

from dataclasses import dataclass

from bottega_backend.shelf.catalog import Catalog
from bottega_backend.shelf.wildcards import Wildcards
from bottega_backend.store.thread import Store

from .access import Access
from .audience import Audience
from .limits import Bounds
from .stage import Stage


@dataclass(frozen=True)
class House:
    """The rooms behind the door; `handshake_seconds` is how long a stranger may stand in it."""

    access: Access
    store: Store
    catalog: Catalog
    wildcards: Wildcards
    stage: Stage
    audience: Audience
    bounds: Bounds
    program: str
    handshake_seconds: float = 10.0
