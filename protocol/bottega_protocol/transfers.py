"""Blobs on their way: chunks in order, within a window that the receiver opens.

The receiver grants offsets; the sender never sends beyond them. So a slow disk or a slow editor
bounds what is in flight, and a resumed transfer is a first grant with another start.
"""

from __future__ import annotations

from collections.abc import Callable

from .codec import MOST_CHUNK, Chunk
from .errors import BadTransfer
from .messages import Announce, Grant

WINDOW = 4 * 2**20
"""Bytes that may be in flight for one transfer."""

MOST_TRANSFERS = 8
"""Transfers of one connection at a time, in each direction."""

Read = Callable[[int, int], bytes]
"""Reads (offset, length) of a blob; gives exactly that many bytes."""


class Outgoing:
    """A blob that this end sends."""

    def __init__(self, announce: Announce, read: Read) -> None:
        self.announce = announce
        self._read = read
        self._offset = 0
        self._until = 0
        self._started = False

    def grant(self, grant: Grant) -> None:
        """Let it go on; raises BadTransfer for a grant that goes back or beyond the end."""
        if not self._started:
            self._offset, self._started = grant.start, True
            self._until = grant.start
        if not self._until <= grant.until <= self.announce.size or grant.start > grant.until:
            raise BadTransfer(f"a grant up to {grant.until} of {self.announce.size}")
        self._until = grant.until

    def next_chunk(self) -> Chunk | None:
        """The next piece, or nothing while no more is granted."""
        length = min(self._until - self._offset, MOST_CHUNK)
        if length <= 0:
            return None
        chunk = Chunk(self.announce.transfer, self._offset, self._read(self._offset, length))
        self._offset += length
        return chunk


class Incoming:
    """A blob that this end receives."""

    def __init__(self, announce: Announce, start: int = 0) -> None:
        self.announce = announce
        self.offset = start
        self._start = start
        self._used = start
        self._until = start

    def first_grant(self) -> Grant:
        """Open the window."""
        self._until = min(self._start + WINDOW, self.announce.size)
        return Grant(self.announce.transfer, self._until, self._start)

    def take(self, chunk: Chunk) -> None:
        """Account for a chunk; raises BadTransfer for one out of place or not granted."""
        if chunk.offset != self.offset:
            raise BadTransfer(f"a chunk at {chunk.offset}, expected at {self.offset}")
        if self.offset + len(chunk.data) > self._until:
            raise BadTransfer(f"a chunk beyond {self._until}, which is all that was granted")
        self.offset += len(chunk.data)

    def used(self, count: int) -> Grant | None:
        """Bytes have been put away: perhaps the window opens further."""
        self._used += count
        until = min(self._used + WINDOW, self.announce.size)
        # Half a window at a time: a grant for every chunk would double the messages.
        if until <= self._until or (
            until - self._until < WINDOW // 2 and until < self.announce.size
        ):
            return None
        self._until = until
        return Grant(self.announce.transfer, until)

    @property
    def complete(self) -> bool:
        """Whether every byte has arrived."""
        return self.offset == self.announce.size
