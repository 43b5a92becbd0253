"""How fast a line is, measured: what may be in flight on it, and whether deflating pays.

Time is given by the caller's clock, in seconds; everything here is of one connection.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass

Clock = Callable[[], float]

FIRST_WINDOW = 64 * 1024
LEAST_WINDOW = 16 * 1024
MOST_WINDOW = 4 * 2**20
"""Bytes that may be in flight: before anything is measured, and at least and most afterwards."""

QUEUE_SECONDS = 0.05
"""How long what is in flight may take beyond the shortest way: who cancels waits that long."""

PROBE_SECONDS = 10.0
"""For how long the shortest way that was measured is believed."""

SLOW = 8e6
"""Bytes per second below which deflating is worth its time: zlib's level 1 makes 55 MB/s of a
noisy picture, and leaves two thirds of it."""

LEAST_BUSY = 0.1
"""Seconds of sending before a measured rate is believed."""

PAYS = 0.9
"""What deflating must leave at most, of a chunk, to be worth it."""

LEAST_DEFLATED = 1024
"""Bytes: what is left at the end of a grant proves nothing."""

UNTRIED = 7
"""Chunks of a transfer that are sent as they are after one that was not worth it."""

DENSEST = 0.25
"""How far a window is widened for bytes that come deflated: those after them may not be."""


@dataclass(frozen=True)
class Mark:
    """A grant: when it was given, and how many bytes had come by then."""

    at: float
    came: int


class Window:
    """The receiving end: how much may be in flight, over all transfers, as bytes on the wire.

    What is in flight takes the way there and back, and the time in the queue before the slowest
    piece of the line. The window is what takes `QUEUE_SECONDS` longer than the shortest time that
    was measured: the line is never idle, and what is small waits behind little. From time to time
    less is granted, to measure the shortest time anew.
    """

    def __init__(self, now: Clock) -> None:
        self._now = now
        self._bytes = FIRST_WINDOW
        self._came = 0
        self._shortest = float("inf")
        self._measured = -float("inf")
        self._narrowed = -float("inf")

    @property
    def size(self) -> int:
        """Bytes that may be in flight now."""
        return max(LEAST_WINDOW, self._bytes // 4) if self._stale() else self._bytes

    def mark(self) -> Mark:
        """More may come."""
        return Mark(self._now(), self._came)

    def came(self, count: int) -> None:
        """So many bytes have come."""
        self._came += count

    def began(self, mark: Mark) -> None:
        """The first chunk of a transfer has come: it found an empty line."""
        self._learn_way(*self._since(mark))

    def reached(self, mark: Mark) -> None:
        """All that a grant let come has come."""
        seconds, count = self._since(mark)
        self._learn_way(seconds, count)
        allowed = self._shortest + QUEUE_SECONDS
        wanted = int(min(2.0, allowed / seconds) * count)
        if seconds <= allowed:
            self._bytes = min(MOST_WINDOW, max(self._bytes, wanted))
        elif mark.at >= self._narrowed:  # what was granted before has waited for the same reason
            self._narrowed = self._now()
            self._bytes = max(LEAST_WINDOW, min(self._bytes, max(wanted, self._bytes // 2)))

    def _since(self, mark: Mark) -> tuple[float, int]:
        """Seconds and bytes since a mark."""
        return max(self._now() - mark.at, 1e-6), self._came - mark.came

    def _learn_way(self, seconds: float, count: int) -> None:
        """A stale measurement is replaced by one of few bytes, a longer one by a shorter."""
        few = count <= max(LEAST_WINDOW, self._bytes // 4)
        if seconds <= self._shortest or (few and self._stale()):
            self._shortest, self._measured = seconds, self._now()

    def _stale(self) -> bool:
        return self._now() - self._measured > PROBE_SECONDS and self._shortest < float("inf")


class Rate:
    """The sending end: bytes per second that cross the line, as the other end's grants tell."""

    def __init__(self, now: Clock) -> None:
        self._now = now
        self._since = 0.0
        self._bytes = 0.0
        self._seconds = 0.0
        self._slow = False

    @property
    def slow(self) -> bool:
        """Whether the line is known to be slow."""
        return self._slow

    def begin(self) -> None:
        """Sending begins after a pause."""
        self._since = self._now()

    def granted(self, count: float) -> None:
        """So many bytes more may be sent: as many have come over there meanwhile."""
        now = self._now()
        self._bytes += count
        self._seconds += now - self._since
        self._since = now
        # What was deflated is a guess: it takes twice the rate to be called fast again.
        most = (2 if self._slow else 1) * SLOW
        self._slow = self._seconds >= LEAST_BUSY and self._bytes < most * self._seconds
        if self._seconds > 1:  # what is long ago counts less and less
            self._bytes, self._seconds = self._bytes / 2, self._seconds / 2


class Density:
    """How many bytes on the wire a raw byte of a transfer takes, lately."""

    def __init__(self) -> None:
        self.value = 1.0

    def chunk(self, raw: int, wire: int) -> None:
        """A chunk has been sent, or has come."""
        self.value += (min(1.0, wire / raw) - self.value) / 4


class Deflater:
    """Decides for one transfer, chunk by chunk."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._untried = 0

    def deflate(self, data: bytes) -> bytes | None:
        """The chunk as zlib makes it (level 1), or nothing where it is better sent as it is."""
        if not self._rate.slow or len(data) < LEAST_DEFLATED:
            return None
        if self._untried:
            self._untried -= 1
            return None
        deflated = zlib.compress(data, 1)
        if len(deflated) > len(data) * PAYS:
            self._untried = UNTRIED
            return None
        return deflated
