"""One panel's connection: it finds the server, keeps the line, and waits out an outage."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from bottega_protocol.errors import BottegaError

from .client import Client
from .entries import Absent, Connected
from .launch import Address, NoServer, find_server
from .transport import Disconnected

T = TypeVar("T")

LOOK_SECONDS = 3.0
"""Between two looks for the server, or whether it is still there."""

REFUSED_SECONDS = 30.0
"""The same where a server has turned us away: it counts who knocks."""

RETRIES = (0.1, 0.3, 1.0)
"""Waits of a call whose line has just broken; a longer outage is waited out by `mending`."""

LOOK_UP = 0.2
"""Seconds after which a thread that waits out an outage looks whether it still should."""


class Connection:
    """Any thread may call; only `start`, `use` and `close` are for the UI thread: they don't block.

    `tell` is called whenever a server has been found, or is found missing.
    """

    def __init__(self, program: str, tell: Callable[[Connected | Absent], None]) -> None:
        self._program = program
        self._tell = tell
        self._chosen: Address | None = None
        self._making = threading.Lock()
        self._client: Client | None = None
        self._address: Address | None = None
        self._told: tuple[object, ...] = ()
        self._look_now = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bottega-line", daemon=True)
        self.closed = threading.Event()
        self.said: Connected | Absent | None = None

    def start(self) -> None:
        """Look for a server from now on; once is enough."""
        if self._thread.ident is None:
            self._thread.start()

    def use(self, address: Address | None) -> None:
        """Use this server; with None, the one that this machine's data folder names."""
        self._chosen = address
        self._look_now.set()

    def close(self) -> None:
        """Hang up, on the connection's own thread."""
        self.closed.set()
        self._look_now.set()

    def client(self) -> Client:
        """The client, connected; raises NoServer, BadProof and their kin. Blocks."""
        with self._making:
            if self.closed.is_set():
                raise Disconnected("The connection was closed.")
            address = self._find()
            if self._client is None or address != self._address:
                self._hang_up()
                self._client = Client(address, self._program, RETRIES)
                self._address = address
            client = self._client
        # Not in turn: who waits here while another thread tries shares its failure.
        client.connect()
        return client

    def mending(
        self, work: Callable[[Client], T], stop: threading.Event, waiting: Callable[[], None]
    ) -> T:
        """Do something as often as the line breaks under it, however long the server is gone.

        `waiting` is called when there is nothing but to wait. Raises Disconnected or NoServer
        once `stop` is set or the connection closed.
        """
        while True:
            try:
                return work(self.client())
            except (Disconnected, NoServer):
                if stop.is_set() or self.closed.is_set():
                    raise
            waiting()
            self._look_now.set()
            self._pause(stop)

    def _pause(self, stop: threading.Event) -> None:
        for _ in range(round(LOOK_SECONDS / LOOK_UP)):
            if stop.wait(LOOK_UP) or self.closed.is_set():
                return

    def _find(self) -> Address:
        """Where the server is; where it has left no address any more, where it was."""
        if self._chosen is not None:
            return self._chosen
        try:
            return find_server()
        except NoServer:
            if self._client is not None and self._address is not None and self._client.server:
                return self._address
            raise

    def _run(self) -> None:
        while not self.closed.is_set():
            self._look()
            absent = self.said.error if isinstance(self.said, Absent) else None
            refused = absent is not None and not isinstance(absent, (Disconnected, NoServer))
            self._look_now.wait(REFUSED_SECONDS if refused else LOOK_SECONDS)
            self._look_now.clear()
        with self._making:
            self._hang_up()

    def _look(self) -> None:
        """Connect if need be, and tell what is new about it."""
        try:
            client = self.client()
            news: tuple[object, ...] = (client, client.times)
            if news == self._told:
                return
            said: Connected | Absent = Connected(self._at(), client.offers(), client.server)
        except BottegaError as error:
            news, said = (type(error), error.message), Absent(error)
            if news == self._told:
                return
        self._told, self.said = news, said
        self._tell(said)

    def _at(self) -> Address:
        address = self._address
        if address is None:
            raise Disconnected("The connection was closed.")
        return address

    def _hang_up(self) -> None:
        """On a thread: a line is closed with a word, and the other end may be slow to answer."""
        client, self._client, self._address = self._client, None, None
        if client is not None:
            threading.Thread(target=client.close, name="bottega-hang-up", daemon=True).start()
