"""How much of a device live previews may have: at most half of any second."""

from __future__ import annotations

from collections import deque

SECOND = 1.0
HALF = 0.5
ROUNDING = 1e-9


class LiveBudget:
    """Remembers when live previews had the device. Times are seconds on any one clock.

    A piece that alone takes more than half a second makes the second longer: after one of n
    seconds others have n before the next.
    """

    def __init__(self) -> None:
        self._pieces: deque[tuple[float, float]] = deque()

    def spent(self, seconds: float, now: float) -> None:
        """Live previews had the device for `seconds` up to now."""
        if seconds > 0:
            self._pieces.append((now - seconds, now))

    def allows(self, now: float, expected: float = 0.0) -> bool:
        """Whether a live piece that takes about so long may begin now, while others wait."""
        longest = max([expected, *(end - begin for begin, end in self._pieces)])
        windows = (max(SECOND, expected / HALF), max(SECOND, longest / HALF))
        while self._pieces and self._pieces[0][1] <= now - max(windows):
            self._pieces.popleft()
        return all(
            self._had(now + expected - window) + expected <= HALF * window + ROUNDING
            for window in windows
        )

    def _had(self, since: float) -> float:
        """Seconds that live previews had since then."""
        return sum(end - max(begin, since) for begin, end in self._pieces if end > since)
