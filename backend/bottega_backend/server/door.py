"""The door: the listening socket, who is let through it, and what HTTP may ask of it."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any

from websockets.asyncio.server import Server, ServerConnection
from websockets.asyncio.server import serve as listen
from websockets.http11 import Request, Response

from bottega_backend.errors import CannotServe
from bottega_protocol.codec import MOST_FRAME

from . import metrics
from .backoff import is_own
from .connection import Connection
from .health import Inquiries
from .house import House
from .limits import Bounds, address_of

HARD = 2
"""How many times its connections an address may have open before it is hung up on unheard."""


CLOSE_SECONDS = 5.0
"""How long hanging up may take when the server ends."""

OPEN_SECONDS = 5.0
"""How long a socket may take to say what it wants, and before that for TLS."""


@dataclass(frozen=True)
class Doorway:
    """Where to listen; port 0 takes any free one. `tls` encrypts, None leaves the line open.

    `hosts` are names under which HTTP may ask for this server, beside its addresses.
    """

    host: str
    port: int
    tls: ssl.SSLContext | None = None
    hosts: tuple[str, ...] = ()


class Caller(ServerConnection):
    """A connection that counts from its first byte on, not only once it has said what it wants."""

    def __init__(self, *args: Any, bounds: Bounds, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._bounds = bounds
        self.address = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody has opened a socket (and, where there is TLS, has spoken it)."""
        self.address = address_of(transport.get_extra_info("peername"))
        self._bounds.addresses.take(self.address)
        super().connection_made(transport)
        most = HARD * self._bounds.limits.address_sockets
        if self._bounds.addresses.held(self.address) > most:
            metrics.TURNED_AWAY.labels("address").inc()
            self.transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        """It is gone."""
        self._bounds.addresses.give_back(self.address)
        super().connection_lost(error)


@asynccontextmanager
async def open_door(doorway: Doorway, house: House) -> AsyncIterator[Server]:
    """Listen and let visits in; raises CannotServe for a port that is taken."""
    inquiries = Inquiries(house, (doorway.host, *doorway.hosts))

    async def visit(socket: ServerConnection) -> None:
        await Connection(house, socket).run()

    def ask(socket: ServerConnection, request: Request) -> Response | None:
        return (
            barred(house, socket)
            or turned_away(house.bounds, socket)
            or inquiries.answer(socket, request)
        )

    try:
        door = await listen(
            visit,
            doorway.host,
            doorway.port,
            ssl=doorway.tls,
            create_connection=partial(Caller, bounds=house.bounds),  # type: ignore[arg-type]  # called as a class is
            # Every browser names an origin, our clients never do: no web page gets in.
            origins=[None],
            process_request=ask,
            # Deflate makes pixels slower by a factor of ten, and opens the door for bombs.
            compression=None,
            max_size=MOST_FRAME,
            max_queue=16,
            ping_interval=20,
            ping_timeout=20,
            open_timeout=OPEN_SECONDS,
            close_timeout=2,
            ssl_handshake_timeout=OPEN_SECONDS if doorway.tls else None,
        )
    except OSError as error:
        raise CannotServe(
            f"Can't listen on {doorway.host}:{doorway.port}: {error.strerror or error}.",
            "Choose another port with --port; 0 takes any free one.",
        ) from error
    async with door:
        yield door
        for socket in door.connections:
            # Who does not read keeps even the farewell waiting.
            asyncio.get_running_loop().call_later(CLOSE_SECONDS, socket.transport.abort)


def barred(house: House, socket: ServerConnection) -> Response | None:
    """The answer to whoever has failed to prove himself too often; nothing for all others."""
    seconds = house.backoff.wait(address_of(socket.remote_address))
    if not seconds or is_own(socket.remote_address, socket.local_address):
        return None
    metrics.TURNED_AWAY.labels("proofs").inc()
    why = f"Too many attempts failed. Wait {seconds:.0f} seconds.\n"
    return socket.respond(HTTPStatus.TOO_MANY_REQUESTS, why)


def turned_away(bounds: Bounds, socket: ServerConnection) -> Response | None:
    """The answer to whoever comes too often or with too many; nothing for all others."""
    address = address_of(socket.remote_address)
    if not bounds.knock(address):
        metrics.TURNED_AWAY.labels("handshakes").inc()
        return socket.respond(HTTPStatus.TOO_MANY_REQUESTS, "Too fast. Wait a second.\n")
    if why := bounds.crowded(address):
        metrics.TURNED_AWAY.labels("sockets").inc()
        return socket.respond(HTTPStatus.SERVICE_UNAVAILABLE, f"{why} Close some.\n")
    return None
