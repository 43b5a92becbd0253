"""The door: the listening socket, who is let through it, and what HTTP may ask of it."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus

from websockets.asyncio.server import Server, ServerConnection
from websockets.asyncio.server import serve as listen
from websockets.http11 import Request, Response

from bottega_backend.errors import CannotServe
from bottega_protocol.codec import MOST_FRAME

from .connection import Connection
from .house import House

MOST_CONNECTIONS = 64


@dataclass(frozen=True)
class Doorway:
    """Where to listen; port 0 takes any free one. `tls` encrypts, None leaves the line open."""

    host: str
    port: int
    tls: ssl.SSLContext | None = None


@asynccontextmanager
async def open_door(doorway: Doorway, house: House) -> AsyncIterator[Server]:
    """Listen and let visits in; raises CannotServe for a port that is taken."""
    inside: set[ServerConnection] = set()

    async def visit(socket: ServerConnection) -> None:
        inside.add(socket)
        try:
            await Connection(house, socket).run()
        finally:
            inside.discard(socket)

    def turn_away(socket: ServerConnection, _: Request) -> Response | None:
        if len(inside) < MOST_CONNECTIONS:
            return None
        return socket.respond(HTTPStatus.SERVICE_UNAVAILABLE, "Too many connections.\n")

    try:
        door = await listen(
            visit,
            doorway.host,
            doorway.port,
            ssl=doorway.tls,
            # Every browser names an origin, our clients never do: no web page gets in.
            origins=[None],
            process_request=turn_away,
            # Deflate makes pixels slower by a factor of ten, and opens the door for bombs.
            compression=None,
            max_size=MOST_FRAME,
            max_queue=16,
            ping_interval=20,
            ping_timeout=20,
            open_timeout=5,
            close_timeout=2,
        )
    except OSError as error:
        raise CannotServe(
            f"Can't listen on {doorway.host}:{doorway.port}: {error.strerror or error}.",
            "Choose another port with --port; 0 takes any free one.",
        ) from error
    async with door:
        yield door
