"""Two threads that pump one session through a websocket: one reads, one writes."""

from __future__ import annotations

import logging
import socket
import ssl
import threading
from collections.abc import Callable
from typing import cast

from websockets.exceptions import (
    InvalidMessage,
    InvalidStatus,
    InvalidURI,
    WebSocketException,
)
from websockets.sync.client import ClientConnection, connect
from websockets.uri import parse_uri

from bottega_protocol.codec import MOST_FRAME
from bottega_protocol.errors import BottegaError, ProtocolError
from bottega_protocol.handshake import Welcome
from bottega_protocol.messages import Announce, Fault
from bottega_protocol.schema import Record
from bottega_protocol.session import ClientSession, Event
from bottega_protocol.transfers import Read

from .launch import START, Address, NoServer
from .tls import open_tunnel

log = logging.getLogger(__name__)

LIBRARY = logging.getLogger(f"{__name__}.websockets")
"""The library's own, which would write a traceback for every line that breaks: we are told too."""
LIBRARY.setLevel(logging.CRITICAL)

FLUSH_SECONDS = 2.0
"""How long hanging up waits for messages that are still to be sent."""

OPEN_SECONDS = 10.0
"""How long connecting and the handshake may take."""

TOO_MANY_REQUESTS = 429

LOCAL = Address.account
"""Whoever has the token of the server's own folder."""


class Disconnected(BottegaError):
    """The connection is gone; what was accepted goes on at the server."""

    code = "disconnected"


class Broken(BottegaError):
    """A mistake of ours on a thread of the connection."""

    code = "client-failed"


class Faulted(BottegaError):
    """The server ended the conversation and said why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message, fault.remedy)
        self.code = fault.code  # type: ignore[misc]  # the code is the fault's, not the class's


class Transport:
    """One connection. `deliver` is called on the reading thread, `lost` once at its end.

    The session is touched by three threads: the caller's and the two pumps'. `_turn` guards it,
    and wakes the writer when there may be something to send.
    """

    def __init__(
        self,
        address: Address,
        program: str,
        deliver: Callable[[Event], None],
        lost: Callable[[Transport, BottegaError], None],
    ) -> None:
        self._address = address
        self._program = program
        self._session: ClientSession
        self._deliver = deliver
        self._lost = lost
        self._turn = threading.Condition(threading.RLock())
        self._opened = threading.Event()
        self._end: BottegaError | None = None
        self._idle = False
        self._connection: ClientConnection | None = None
        self.welcome: Welcome | None = None
        self.sent_bytes = 0
        self.received_bytes = 0

    def open(self) -> None:
        """Connect and prove each other; raises NoServer, BadProof and their kin."""
        address = self._address
        self._connection, certificate = _connect(address)
        # Made only now: what both ends sign holds the certificate of the line they are on.
        self._session = ClientSession(address.token, address.account, self._program, certificate)
        for pump in (self._read, self._write):
            threading.Thread(target=pump, name=f"bottega{pump.__name__}", daemon=True).start()
        self._opened.wait(OPEN_SECONDS)
        if not self._session.open:
            self.close()
            raise self._end or Disconnected("The server did not answer.", "Try again.")

    def send(self, message: Record) -> None:
        """Send a message; raises Disconnected when the connection is gone."""
        self.with_session(lambda session: session.send(message))

    def send_blob(self, announce: Announce, read: Read) -> None:
        """Offer a blob and send it as it is granted."""
        self.with_session(lambda session: session.send_blob(announce, read))

    def with_session(self, work: Callable[[ClientSession], None]) -> None:
        """Do something with the session in one turn, and wake the writer."""
        with self._turn:
            if self._end is not None:
                raise self._end
            work(self._session)
            self._idle = False
            self._turn.notify_all()

    def close(self) -> None:
        """Say what is left to say, then hang up."""
        with self._turn:
            self._turn.wait_for(lambda: self._idle or self._end is not None, FLUSH_SECONDS)
        self._finish(Disconnected("The connection was closed."))
        if self._connection is not None:
            self._connection.close()

    # --- the pumps ---------------------------------------------------------------------------

    def _read(self) -> None:
        connection = self._connection
        assert connection is not None  # noqa: S101  # open() made it before this thread
        try:
            while True:
                self._take(connection.recv())
        except BottegaError as error:
            self._finish(error)
        except (WebSocketException, OSError):
            remedy = _is_it_up(self._address)
            self._finish(Disconnected("The connection to the server broke.", remedy))
        except Exception as error:  # the edge of a thread: who waits must not wait for ever
            log.exception("reading from the server failed")
            self._finish(Broken(f"Bottega's client failed: {error}", "Its log says more."))

    def _take(self, frame: bytes | str) -> None:
        if isinstance(frame, str):
            raise ProtocolError("the server sent text")
        with self._turn:
            self.received_bytes += len(frame)
            self._idle = False
            events = self._session.receive(frame)
            self._turn.notify_all()
        for event in events:
            if isinstance(event, Fault):
                raise Faulted(event)
            if isinstance(event, Welcome):
                self.welcome = event
                self._opened.set()
            else:
                self._deliver(event)

    def _write(self) -> None:
        connection = self._connection
        assert connection is not None  # noqa: S101  # as above
        try:
            while (frame := self._next_frame()) is not None:
                connection.send(frame)
        except (WebSocketException, OSError):
            self._finish(Disconnected("The connection to the server broke."))
        except Exception as error:  # the edge of a thread, as above
            log.exception("sending to the server failed")
            self._finish(Broken(f"Bottega's client failed: {error}", "Its log says more."))

    def _next_frame(self) -> bytes | None:
        with self._turn:
            while self._end is None:
                frame = self._session.next_frame()
                if frame is not None:
                    self.sent_bytes += len(frame)
                    return frame
                self._idle = True
                self._turn.notify_all()
                self._turn.wait()
        return None

    def _finish(self, error: BottegaError) -> None:
        with self._turn:
            if self._end is not None:
                return
            self._end = error
            self._turn.notify_all()
        self._opened.set()
        if self._connection is not None:
            # Closing waits for the other end's word, which this thread may have to read.
            threading.Thread(target=self._connection.close, daemon=True).start()
        self._lost(self, error)


def _connect(address: Address) -> tuple[ClientConnection, bytes]:
    """A websocket, and the SHA-256 of the certificate at its other end (empty without TLS)."""
    url = address.url
    try:
        return _websocket(address)
    except (InvalidURI, ValueError) as error:
        raise NoServer(
            f"{url} is no address of a server: {error}.", "Give it as ws://HOST:PORT."
        ) from error
    except InvalidStatus as error:
        raise NoServer(*_turned_away(url, error.response.status_code)) from error
    except ssl.SSLError as error:
        raise NoServer(
            f"What answers at {url} does not speak TLS as Bottega does ({error.reason}).",
            "See that the address is right.",
        ) from error
    except InvalidMessage as error:
        raise NoServer(
            f"What answers at {url} is no Bottega server, or wants TLS.",
            "Off the server's own machine an invitation is needed.",
        ) from error
    except (OSError, WebSocketException, TimeoutError) as error:
        raise NoServer(f"No Bottega server answers at {url}.", _is_it_up(address)) from error


def _is_it_up(address: Address) -> str:
    """What helps where nothing answers: somebody invited has no server to start."""
    if address.account == LOCAL:
        return f"See that it runs; it is started in a terminal with: {START}"
    return "Ask whoever runs it whether it is up; see too that this computer is on its network."


def _websocket(address: Address) -> tuple[ClientConnection, bytes]:
    place = parse_uri(address.url)
    tunnel, certificate = None, b""
    if place.secure:
        tunnel, certificate = open_tunnel(place.host, place.port, address.pin, OPEN_SECONDS)
        tunnel.settimeout(None)
    elif address.pin:
        raise ValueError("its certificate is known, so it begins with wss://")
    connection = connect(
        # The library would put TLS of its own around what wss:// names.
        "ws" + address.url[3:] if tunnel else address.url,
        sock=cast("socket.socket | None", tunnel),
        # Deflate costs more than it saves on pixels; a system proxy has no business on a LAN.
        compression=None,
        max_size=MOST_FRAME,
        logger=LIBRARY,
        proxy=None,
        open_timeout=OPEN_SECONDS,
    )
    return connection, certificate


def _turned_away(url: str, status: int) -> tuple[str, str]:
    """What an HTTP answer in place of a websocket means, and what to do."""
    if status == TOO_MANY_REQUESTS:
        return (
            f"{url} lets nobody in from this computer for a while: too many attempts failed.",
            "Wait half a minute, then try again with the right token or a new invitation.",
        )
    return (
        f"{url} answers with {status}: it is full, or it is no Bottega server.",
        "Close some of your editors, or see that the address is right.",
    )
