"""The backend's own errors, beside those that cross the wire."""

from __future__ import annotations

from bottega_protocol.errors import BottegaError


class Unreadable(BottegaError):
    """A file or folder that is not what its place says; the message names it and says why."""

    code = "unreadable"

    def __init__(self, name: str, why: str, remedy: str = "") -> None:
        super().__init__(f"{name} {why}", remedy)
        self.name = name
        self.why = why
