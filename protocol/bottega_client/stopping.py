"""An artist's wish to stop, on its way to the server."""

from __future__ import annotations

import threading
import time


class Stop:
    """An artist's wish to stop: told to the server once a line, and waited for only so long."""

    PATIENCE = 15.0

    def __init__(self, wish: threading.Event) -> None:
        self.wish = wish
        self._since: float | None = None
        self._told = False

    def now(self) -> bool:
        """Whether the server has to be told."""
        if self._told or not self.wish.is_set():
            return False
        self._told = True
        self._since = self._since or time.monotonic()
        return True

    def forget(self) -> None:
        """The line broke: perhaps the server has never heard of it."""
        self._told = False

    def given_up(self) -> bool:
        """Whether the server has kept silent for too long."""
        return self._since is not None and time.monotonic() - self._since > self.PATIENCE
