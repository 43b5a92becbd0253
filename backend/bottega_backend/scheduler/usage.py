"""Who had how much of the devices lately."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

HALF_LIFE = 300.0
"""Seconds after which what somebody had counts for half."""

LEAD = 60.0
"""Device seconds by which one who comes may stand before or behind the others at most.

Without a bound somebody who was away for a day could keep the others waiting for as long as they
had worked meanwhile; and who worked alone at night would pay for it in the morning.
"""


NOTHING = 0.01
"""Device seconds that nobody has to remember."""


@dataclass(frozen=True)
class Had:
    """Device seconds as they counted at a time of the usage's clock."""

    seconds: float
    at: float


class Usage:
    """Device seconds by account, fading. `now` is a clock in seconds that never goes back."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._had: dict[str, Had] = {}

    def of(self, account: str) -> float:
        """What an account had lately."""
        had = self._had.get(account)
        return 0.0 if had is None else had.seconds * faded(self._now() - had.at)

    def everybody(self) -> dict[str, float]:
        """What each account had lately, where that is worth remembering."""
        had = {account: self.of(account) for account in self._had}
        return {account: seconds for account, seconds in had.items() if seconds > NOTHING}

    def charge(self, account: str, seconds: float) -> None:
        """An account had the device for so long."""
        self._had[account] = Had(self.of(account) + seconds, self._now())

    def enter(self, account: str, others: Collection[str]) -> None:
        """An account that had no job gets one: its standing comes within reach of the others'."""
        if others:
            level = min(self.of(other) for other in others)
            standing = min(max(self.of(account), level - LEAD), level + LEAD)
            self._had[account] = Had(standing, self._now())


def faded(seconds: float) -> float:
    """What is left of 1 after so many seconds; a clock that was set back lets nothing grow."""
    return float(0.5 ** (max(0.0, seconds) / HALF_LIFE))
