"""The backend's own errors, beside those that cross the wire."""

from __future__ import annotations

from bottega_protocol.errors import BottegaError, ProtocolError


class Unreadable(BottegaError):
    """A file or folder that is not what its place says; the message names it and says why."""

    code = "unreadable"

    def __init__(self, name: str, why: str, remedy: str = "") -> None:
        super().__init__(f"{name} {why}", remedy)
        self.name = name
        self.why = why


class CannotServe(BottegaError):
    """The server can't start here: the port or the data folder belongs to another program."""

    code = "cannot-serve"


class Busy(ProtocolError):
    """Too many connections; the handshake was fine."""

    code = "busy"


class Revoked(ProtocolError):
    """The artist's access was taken back while a connection was open."""

    code = "revoked"


class StoreFailed(BottegaError):
    """The data folder can't be written or read; nothing was half done."""

    code = "store-failed"


class WorkerDied(BottegaError):
    """The process behind a worker is gone, or had to be ended because it hung.

    `jobs` are those that it was at work for, where that is known.
    """

    code = "worker-died"
    jobs: tuple[bytes, ...] | None = None


class DeviceLost(BaseException):
    """The device's context is dead, and with it the worker. No Exception: it is no job's own."""


class BackupFailed(BottegaError):
    """A backup can't be made or is none; what it would have replaced is untouched."""

    code = "backup"
