"""One websocket: a task reads, a task writes, a session says what it means."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from bottega_backend.errors import Busy
from bottega_protocol.codec import Chunk
from bottega_protocol.errors import BadMessage, BadProof, NotAllowedNow, ProtocolError
from bottega_protocol.session import Event, ServerSession

from . import metrics
from .backoff import is_own
from .handlers import handle
from .house import House
from .limits import address_of
from .outbox import Outbox
from .permissions import permissions_of
from .transfers import Transfers
from .visit import Visit

STILL_SECONDS = 40.0
"""How long one frame may take to leave: as long as a ping and its answer."""

FLUSH_SECONDS = 5.0
"""How long the last words may take."""

CUT_SECONDS = 0.3
"""How long the last word may take to somebody whose access was taken back."""

log = logging.getLogger(__name__)


class Connection:
    """Pumps one session until either end hangs up."""

    def __init__(self, house: House, socket: ServerConnection) -> None:
        access = house.access
        self._house = house
        self._socket = socket
        self._session = ServerSession(
            access.verifier_of, access.server, house.program, house.binding
        )
        self._outbox = Outbox(self._session)
        self._ending = False

    async def run(self) -> None:
        """Everything from the first frame to the last."""
        writer = asyncio.create_task(self._write())
        try:
            await self._converse()
        except ProtocolError as error:
            # A stranger may have chosen the words: no line of the log is his, no escape sequence.
            if isinstance(error, BadProof):
                metrics.BAD_PROOFS.inc()
                self._count_failure()
            log.info(
                "a conversation ended with %s: %r",
                error.code,
                error.message,
                extra={"code": error.code},
            )
            self._session.fail(error)
        except ConnectionClosed:
            log.debug("a client hung up")
        except Exception:  # the edge of a task: a mistake of ours ends one conversation only
            log.exception("a conversation failed")
            self._session.fail(ProtocolError("The server made a mistake.", "Its log says more."))
        finally:
            self._ending = True
            self._outbox.wake()
            with suppress(TimeoutError, ConnectionClosed):
                await asyncio.wait_for(writer, FLUSH_SECONDS)

    def _count_failure(self) -> None:
        remote = self._socket.remote_address
        if not is_own(remote, self._socket.local_address):
            self._house.backoff.failed(address_of(remote))

    async def _converse(self) -> None:
        try:
            async with asyncio.timeout(self._house.handshake_seconds):
                while not self._session.open:
                    await self._read()
        except TimeoutError as error:
            raise NotAllowedNow("the handshake took too long") from error
        session, account = self._session, self._house.access.account_of(self._session.account)
        if self._house.audience.count(account) >= self._house.bounds.of(account).artist_sockets:
            raise Busy("too many connections", "Close some of your editors.")
        transfers = Transfers(account, session, self._house.store, self._house.bounds)
        visit = Visit(account, permissions_of(account), session, self._outbox, transfers, self._cut)
        self._house.stage.background(self._house.roster.saw(session.account))
        with self._house.audience.present(visit):
            try:
                await self._visit(visit)
            finally:
                await self._leave(visit)

    def _cut(self, error: ProtocolError) -> None:
        self._session.fail(error)
        self._outbox.wake()
        self._abort_soon()

    def _abort_soon(self) -> None:
        """Who does not read keeps the writer waiting, farewell and all, and his socket."""
        asyncio.get_running_loop().call_later(CUT_SECONDS, self._socket.transport.abort)

    async def _visit(self, visit: Visit) -> None:
        while not self._session.closed:
            events = await self._read()
            if not (events and isinstance(events[0], Chunk)):  # chunks are paced by their windows
                await self._pace(visit.account)
            for event in events:
                await handle(self._house, visit, event)
            await self._outbox.room()

    async def _pace(self, account: str) -> None:
        """Whoever says more than he may is not cut off, only read more slowly."""
        delay = self._house.bounds.message(account)
        if delay > 0:
            await asyncio.sleep(delay)

    async def _leave(self, visit: Visit) -> None:
        visit.gone = True
        for number in visit.tied:
            live = self._house.stage.find(number)
            if live is not None:
                self._house.stage.cancel(live)
        await visit.transfers.close()

    async def _read(self) -> list[Event]:
        frame = await self._socket.recv()
        if isinstance(frame, str):
            raise BadMessage("frame", "must be binary")
        try:
            return self._session.receive(frame)
        finally:
            self._outbox.wake()

    def _over(self) -> bool:
        """Whether nothing will be said any more."""
        return self._ending or self._session.closed

    async def _write(self) -> None:
        try:
            while (frame := self._outbox.next_frame()) is not None or not self._over():
                if frame is not None:
                    # Pings wait behind it: they would never notice that nobody reads.
                    async with asyncio.timeout(STILL_SECONDS):
                        await self._socket.send(frame)
                else:
                    await self._outbox.news()
        finally:
            # Without a writer the reader has nothing to live for; hanging up ends it too, and
            # one that waits until there is room in the outbox would wait for ever.
            self._outbox.hang_up()
            self._abort_soon()
            await self._socket.close()
