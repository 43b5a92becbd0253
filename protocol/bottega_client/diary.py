"""What an artist can copy for whoever helps her: versions, state, last errors and log lines."""

from __future__ import annotations

import logging
import platform
import time
from collections import deque
from collections.abc import Iterable
from contextlib import suppress

from bottega_protocol.errors import BottegaError
from bottega_protocol.version import VERSIONS

from .entries import Absent, Connected, Entry

MOST_LINES = 60
MOST_LINE = 400


class Diary(logging.Handler):
    """Keeps the last lines of our own logs and of what it is told; no token, no prompt."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
        self._lines: deque[str] = deque(maxlen=MOST_LINES)
        # In an editor the outermost package is the plug-in's: its own lines are kept too.
        self._logger = logging.getLogger(__name__.partition(".")[0])
        self._logger.addHandler(self)

    def note(self, text: str) -> None:
        """One more line."""
        stamp = time.strftime("%H:%M:%S")
        self._lines.append(f"{stamp} {' '.join(text.split())[:MOST_LINE]}")

    def note_error(self, what: str, error: BottegaError) -> None:
        """What went wrong, with its code."""
        self.note(f"{what}: {error.code}: {error.message}")

    def emit(self, record: logging.LogRecord) -> None:
        """As a handler of logs."""
        with suppress(Exception):  # a line that can't be put into words is no reason to fail
            self.note(self.format(record))

    def stop(self) -> None:
        """Listen to the logs no longer."""
        self._logger.removeHandler(self)

    def text(self, program: str, said: Connected | Absent | None, entries: Iterable[Entry]) -> str:
        """Everything, as lines."""
        states = [entry.state for entry in entries]
        jobs = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
        return "\n".join(
            (
                f"{program}, wire {', '.join(map(str, VERSIONS))}",
                f"Python {platform.python_version()}, {platform.platform()}",
                _where(said),
                f"Jobs: {jobs or 'none'}",
                "",
                *self._lines,
            )
        )


def _where(said: Connected | Absent | None) -> str:
    if isinstance(said, Connected):
        models = len(said.offers.models)
        return f"Server: {said.server} at {said.address.url}, models: {models}"
    if isinstance(said, Absent):
        return f"Server: none ({said.error.code}: {said.error.message})"
    return "Server: not looked for yet"
