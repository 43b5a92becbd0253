"""Blobs on their way: chunks in order, within a window that the receiver opens.

The receiver grants offsets; the sender never sends beyond them. So a slow disk, a slow editor or
a slow line bounds what is in flight, and a resumed transfer is a first grant with another start.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from .codec import MOST_CHUNK, Chunk, encode_chunk
from .errors import BadTransfer
from .messages import Announce, Grant
from .pace import DENSEST, LEAST_WINDOW, Deflater, Density, Mark, Rate, Window

MOST_TRANSFERS = 8
"""Transfers of one connection at a time, in each direction."""

PARTS = 8
"""A window is granted, and sent, in so many parts: in halves, say, each half would come as a burst
that queues, and a long way would look slow."""

LEAST_CHUNK = 4 * 1024
"""Bytes of a chunk on the slowest line, the last of a blob aside."""

Read = Callable[[int, int], bytes]
"""Reads (offset, length) of a blob; gives exactly that many bytes."""


class Outgoing:
    """A blob that this end sends."""

    def __init__(self, announce: Announce, read: Read, rate: Rate) -> None:
        self.announce = announce
        self._read = read
        self._rate = rate
        self._deflater = Deflater(rate)
        self._density = Density()
        self._offset = 0
        self._until = 0
        self._length = LEAST_CHUNK
        self._started = False
        self._zlib = False

    def grant(self, grant: Grant) -> None:
        """Let it go on; raises BadTransfer for a grant that goes back or beyond the end."""
        first = not self._started
        if first:
            self._offset, self._started = grant.start, True
            self._until = grant.start
        if not self._until <= grant.until <= self.announce.size or grant.start > grant.until:
            raise BadTransfer(f"a grant up to {grant.until} of {self.announce.size}")
        count = grant.until - self._until
        if not first:
            self._rate.granted(count * self._density.value)
        self._until, self._zlib = grant.until, grant.zlib
        # Half of what is granted at once: a message waits for the chunk before it, and parts that
        # are one chunk each gather to bursts.
        part = count // PARTS if first else count // 2
        self._length = min(MOST_CHUNK, max(LEAST_CHUNK, part))

    @property
    def sending(self) -> bool:
        """Whether it has begun and is not through."""
        return self._started and self._offset < self.announce.size

    def next_frame(self) -> bytes | None:
        """The next piece, or nothing while no more is granted."""
        length = min(self._until - self._offset, self._length)
        if length <= 0:
            return None
        chunk = Chunk(self.announce.transfer, self._offset, self._read(self._offset, length))
        self._offset += length
        deflated = self._deflater.deflate(chunk.data) if self._zlib else None
        frame = encode_chunk(chunk, deflated)
        self._density.chunk(length, len(frame))
        return frame


class Incoming:
    """A blob that this end receives. `shares` tells among how many the window is shared."""

    def __init__(
        self, announce: Announce, start: int, window: Window, shares: Callable[[], int]
    ) -> None:
        self.announce = announce
        self.offset = start
        self._start = start
        self._used = start
        self._until = start
        self._window = window
        self._shares = shares
        self._marks: deque[tuple[int, Mark]] = deque()
        self._density = Density()

    def first_grant(self) -> Grant:
        """Open the window."""
        return self._grant(min(self._start + self._size(), self.announce.size), self._start)

    def take(self, chunk: Chunk, wire: int) -> None:
        """Account for a chunk, `wire` bytes of it; raises BadTransfer for one out of place."""
        if chunk.offset != self.offset:
            raise BadTransfer(f"a chunk at {chunk.offset}, expected at {self.offset}")
        if self.offset + len(chunk.data) > self._until:
            raise BadTransfer(f"a chunk beyond {self._until}, which is all that was granted")
        self._window.came(wire)
        self._density.chunk(len(chunk.data), wire)
        if self.offset == self._start:
            self._window.began(self._marks[0][1])
        self.offset += len(chunk.data)
        while self._marks and self.offset >= self._marks[0][0]:
            self._window.reached(self._marks.popleft()[1])

    def used(self, count: int) -> Grant | None:
        """Bytes have been put away: perhaps the window opens further."""
        self._used += count
        size = self._size()
        until = min(self._used + size, self.announce.size)
        part = min(size // PARTS, self.announce.size - self._until)
        if until - self._until < max(part, 1):
            return None
        return self._grant(until)

    @property
    def complete(self) -> bool:
        """Whether every byte has arrived."""
        return self.offset == self.announce.size

    def _grant(self, until: int, start: int = 0) -> Grant:
        self._marks.append((until, self._window.mark()))
        self._until = until
        return Grant(self.announce.transfer, until, start, zlib=True)

    def _size(self) -> int:
        """The share of this transfer, as raw bytes."""
        share = max(LEAST_WINDOW, self._window.size // max(1, self._shares()))
        return int(share / max(self._density.value, DENSEST))
