"""One connection that mends itself: made at need, and made again when it breaks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from bottega_protocol.errors import BottegaError
from bottega_protocol.schema import Record
from bottega_protocol.session import Event

from .launch import Address, NoServer
from .transport import Disconnected, Transport

T = TypeVar("T")

RETRY_SECONDS = (0.1, 0.3, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Waits between attempts to reconnect; after the last one the caller is told."""


class Line:
    """Any thread may call. `deliver` is called on the reading thread, `lost` at each line's end."""

    def __init__(
        self,
        address: Address,
        program: str,
        retries: tuple[float, ...],
        deliver: Callable[[Event], None],
        lost: Callable[[BottegaError], None],
    ) -> None:
        self._address = address
        self._program = program
        self._retries = retries
        self._deliver = deliver
        self._tell_lost = lost
        self._times = 0
        self._tries = 0
        self._failure: BottegaError | None = None
        self._lock = threading.RLock()
        self._transport: Transport | None = None
        self._traffic = (0, 0)
        # A server that was there once is worth waiting for; one that never was is not.
        self._known = False
        self._closed = threading.Event()

    @property
    def url(self) -> str:
        """Where the server is."""
        return self._address.url

    @property
    def times(self) -> int:
        """How often a connection was made: it may be another server by now."""
        with self._lock:
            return self._times

    @property
    def server(self) -> str:
        """What the server calls itself; "" without a connection."""
        with self._lock:
            welcome = self._transport.welcome if self._transport else None
        return welcome.program or welcome.server if welcome else ""

    @property
    def traffic(self) -> tuple[int, int]:
        """Bytes sent and received so far, headers of the protocol included."""
        with self._lock:
            live = self._transport
            sent, received = self._traffic
            return (
                sent + (live.sent_bytes if live else 0),
                received + (live.received_bytes if live else 0),
            )

    def connect(self) -> None:
        """Connect, if this is not connected; raises NoServer, BadProof and their kin.

        Who waits while another thread tries shares its failure: an address that never answers
        would cost the last of many waiting jobs minutes, and a stop as long.
        """
        tries = self._tries
        with self._lock:
            if self._closed.is_set():
                raise Disconnected("The connection was closed.")
            if self._transport is not None:
                return
            if self._tries != tries and self._failure is not None:
                raise self._failure
            self._open()

    def close(self) -> None:
        """Hang up for good; who still waits is told so. Jobs that were accepted go on."""
        self._closed.set()
        with self._lock:
            transport = self._transport
        if transport is not None:
            transport.close()

    def live(self) -> Transport:
        """The connection as it is now; raises Disconnected without one."""
        with self._lock:
            if self._transport is None:
                raise Disconnected("There is no connection to the server.")
            return self._transport

    def is_live(self, transport: Transport) -> bool:
        """Whether this is still the connection."""
        return self._transport is transport

    def send(self, message: Record) -> None:
        """Send a message; raises Disconnected without a connection."""
        self.live().send(message)

    def mending(
        self,
        work: Callable[[], T],
        stop: threading.Event | None = None,
        waits: tuple[float, ...] | None = None,
    ) -> T:
        """Do something that may find the connection gone; then reconnect and do it again.

        Neither a client that is closed nor an artist who stops is kept waiting.
        """
        left = list(self._retries if waits is None else waits)
        while True:
            try:
                self.connect()
                return work()
            except (Disconnected, NoServer):
                stopped = stop is not None and stop.is_set()
                if stopped or self._closed.is_set() or not (left and self._known):
                    raise
            (stop or self._closed).wait(left.pop(0))

    def _open(self) -> None:
        transport = Transport(self._address, self._program, self._deliver, self._lost)
        try:
            transport.open()
        except BottegaError as error:
            self._failure = error
            raise
        finally:
            self._tries += 1
        self._transport, self._failure = transport, None
        self._known = True
        self._times += 1

    def _lost(self, transport: Transport, error: BottegaError) -> None:
        with self._lock:
            if self._transport is not transport:
                return  # one that never got through its handshake: its caller knows
            sent, received = self._traffic
            self._traffic = (sent + transport.sent_bytes, received + transport.received_bytes)
            self._transport = None
            self._tell_lost(error)
