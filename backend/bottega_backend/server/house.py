"""What every connection shares."""

from __future__ import annotations

from dataclasses import dataclass, field

from bottega_backend.shelf.catalog import Catalog
from bottega_backend.shelf.wildcards import Wildcards
from bottega_backend.store.thread import Store

from .access import Access
from .audience import Audience
from .backoff import Backoff
from .limits import Bounds
from .roster import Roster
from .stage import Stage


@dataclass(frozen=True)
class House:
    """The rooms behind the door; `handshake_seconds` is how long a stranger may stand in it.

    `binding` is the SHA-256 of the certificate that the door shows, empty without TLS.
    """

    access: Access
    roster: Roster
    store: Store
    catalog: Catalog
    wildcards: Wildcards
    stage: Stage
    audience: Audience
    bounds: Bounds
    program: str
    binding: bytes = b""
    handshake_seconds: float = 10.0
    log_prompts: bool = False
    backoff: Backoff = field(default_factory=Backoff)
