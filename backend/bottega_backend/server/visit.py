"""One connection that has proved whose it is, and what the server remembers for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from bottega_protocol.errors import ProtocolError
from bottega_protocol.messages import Submit
from bottega_protocol.session import ServerSession

from .outbox import Outbox
from .permissions import Permission
from .transfers import Transfers


@dataclass
class Pending:
    """A job that can be accepted as soon as these blobs are there."""

    submit: Submit
    missing: set[bytes]


@dataclass(eq=False)
class Visit:
    """State of one open connection. `tied` are jobs by number that end when it does.

    `cut` says why, once, and hangs up soon after, whether the other end listens or not.
    """

    account: str
    permissions: frozenset[Permission]
    session: ServerSession
    outbox: Outbox
    transfers: Transfers
    cut: Callable[[ProtocolError], None] = lambda _: None
    pending: dict[bytes, Pending] = field(default_factory=dict)
    tied: set[int] = field(default_factory=set)
    gone: bool = False
