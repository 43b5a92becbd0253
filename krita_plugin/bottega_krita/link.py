"""The docker's own thread: finds the server, keeps the connection, carries out one wish at a time.

Sockets, hashing and packing happen here and never on the UI thread. What happens is told as
events, on this thread.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from bottega_client.actions import Outcome, Report, Stopped, Wish, fill
from bottega_client.client import Client
from bottega_client.editor import Editor
from bottega_client.launch import Address, find_server
from bottega_protocol.errors import BottegaError
from bottega_protocol.messages import Offers

RETRY = 3.0
"""Seconds between two looks for the server, or whether it is still there."""

PROGRAM = "Krita"

log = logging.getLogger(__name__)


class PluginError(BottegaError):
    """Our own mistake; the log has the whole story."""

    code = "plugin-error"


@dataclass(frozen=True)
class Connected:
    """A server answered, and this is what it offers."""

    address: Address
    offers: Offers


@dataclass(frozen=True)
class Absent:
    """There is no server, or it can't be talked to."""

    error: BottegaError


@dataclass(frozen=True)
class Working:
    """A job goes on."""

    report: Report


@dataclass(frozen=True)
class Done:
    """A result has been placed."""

    outcome: Outcome


@dataclass(frozen=True)
class Failed:
    """A job ended without a result: cancelled (Stopped), or for the reason that the error gives."""

    error: BottegaError


@dataclass(frozen=True)
class Order:
    """What to paint, and where; `stop` is set to cancel it."""

    editor: Editor
    wish: Wish
    stop: threading.Event = field(default_factory=threading.Event)


class Link:
    """Everything between one docker and the server."""

    def __init__(self, tell: Callable[[object], None]) -> None:
        self._tell = tell
        self._orders: queue.Queue[Order | None] = queue.Queue()
        self._client: Client | None = None
        self._address: Address | None = None
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bottega", daemon=True)

    def start(self) -> None:
        """Look for a server from now on; once is enough."""
        if self._thread.ident is None:
            self._thread.start()

    def fill(self, order: Order) -> None:
        """Carry this out as soon as possible; Done or Failed will be told."""
        self.start()
        self._orders.put(order)

    @property
    def closed(self) -> bool:
        """Whether nobody listens any more."""
        return self._closed.is_set()

    def close(self) -> None:
        """End the thread once it has nothing more to do; a job that runs goes on at the server."""
        self._closed.set()
        self._orders.put(None)

    def _run(self) -> None:
        while not self._closed.is_set():
            self._look()
            try:
                order = self._orders.get(timeout=RETRY)
            except queue.Empty:
                continue
            if order is not None:
                self._carry_out(order)
        self._hang_up()

    def _look(self) -> None:
        """Connect if need be, and tell about it."""
        error = _caught(self._ensure)
        if error is not None:
            self._hang_up()
            self._tell(Absent(error))

    def _ensure(self) -> Client:
        """The client, connected; raises BottegaError where there is no server."""
        address = find_server()
        if self._client is not None and address == self._address:
            self._client.connect()
            return self._client
        self._hang_up()
        client = Client(address, PROGRAM)
        client.connect()
        self._client, self._address = client, address
        self._tell(Connected(address, client.offers()))
        return client

    def _hang_up(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = self._address = None

    def _carry_out(self, order: Order) -> None:
        error = _caught(lambda: self._fill(order))
        if error is not None:
            self._tell(Failed(error))

    def _fill(self, order: Order) -> None:
        if order.stop.is_set():
            raise Stopped("Stopped.")
        client = self._ensure()
        outcome = fill(
            order.editor,
            client,
            order.wish,
            lambda report: self._tell(Working(report)),
            order.stop,
        )
        self._tell(Done(outcome))


def _caught(work: Callable[[], object]) -> BottegaError | None:
    """What went wrong, if anything: the edge of the thread."""
    try:
        work()
    except BottegaError as error:
        return error
    except Exception as error:
        log.exception("Bottega's plug-in failed")
        return PluginError(f"Bottega's plug-in failed: {error}", "Krita's log has the details.")
    return None
