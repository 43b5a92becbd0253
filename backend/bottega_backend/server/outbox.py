"""What one connection has still to be told; of what is out of date only the latest is kept."""

from __future__ import annotations

import asyncio

from bottega_protocol.messages import Cancelled, Failed, Finished, Preview, Progress, Queued
from bottega_protocol.schema import Record
from bottega_protocol.session import Session

PASSING = (Progress, Queued, Preview)
"""Messages that the next one of the same job makes worthless."""

ENDINGS = (Finished, Failed, Cancelled)

MOST_BACKLOG = 64
"""Control messages that may wait; beyond it nothing more is read from this connection."""


class Outbox:
    """Two lanes before the session's own: a slow reader gets fewer previews, never older ones."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._latest: dict[tuple[bytes, bool], Record] = {}
        self._news = asyncio.Event()
        self._room = asyncio.Event()

    def send(self, message: Record) -> None:
        """Have a message sent when its turn comes."""
        if isinstance(message, PASSING):
            self._latest[_slot(message)] = message
        else:
            if isinstance(message, ENDINGS):
                self._latest.pop((message.job, True), None)
                self._latest.pop((message.job, False), None)
            self._session.send(message)
        self.wake()

    def wake(self) -> None:
        """The session may have something to send."""
        self._news.set()

    def next_frame(self) -> bytes | None:
        """What to send next: messages, then the latest of what passes, then chunks."""
        if self._latest and not self._session.backlog:
            self._session.send(self._latest.pop(next(iter(self._latest))))
        frame = self._session.next_frame()
        if self._session.backlog <= MOST_BACKLOG:
            self._room.set()
        if frame is None:
            self._news.clear()
        return frame

    async def news(self) -> None:
        """Wait until there may be something to send."""
        await self._news.wait()

    def hang_up(self) -> None:
        """Nothing is sent any more: nobody has to wait for it."""
        self._session.closed = True
        self._room.set()
        self._news.set()

    async def room(self) -> None:
        """Wait while too much is waiting to be sent."""
        while self._session.backlog > MOST_BACKLOG and not self._session.closed:
            self._room.clear()
            await self._room.wait()


def _slot(message: Progress | Queued | Preview) -> tuple[bytes, bool]:
    return message.job, isinstance(message, Preview)
