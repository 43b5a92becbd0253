"""The errors that cross the wire or end a conversation.

::

    BottegaError                 has a code, a message and a remedy
     ├── ProtocolError           the peer (or our own caller) broke SPEC.md
     │    ├── BadMessage         a frame or field that SPEC.md does not allow
     │    ├── TooLarge           a frame above its cap
     │    ├── BadTransfer        a chunk out of place, past its window, or of another content
     │    ├── NotAllowedNow      a legal message at an illegal moment
     │    ├── NoCommonVersion    the two ends share no protocol version
     │    └── BadProof           the other end does not know the token
     └── Refusal                 an understood request that can't be granted
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "BadMessage",
    "BadProof",
    "BadTransfer",
    "BottegaError",
    "NoCommonVersion",
    "NotAllowedNow",
    "ProtocolError",
    "Refusal",
    "TooLarge",
]


class BottegaError(Exception):
    """What went wrong, as data: `code` for programs, `message` and `remedy` for people."""

    code: ClassVar[str] = "error"

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class ProtocolError(BottegaError):
    """The conversation can't go on: the connection is closed after one `fault`."""

    code = "protocol-error"


class BadMessage(ProtocolError):
    """A frame or field that SPEC.md does not allow; `path` names the field."""

    code = "bad-message"

    def __init__(self, path: str, why: str) -> None:
        super().__init__(f"{path}: {why}", "Use a client and a server of the same release.")
        self.path = path
        self.why = why


class TooLarge(ProtocolError):
    """A frame above its cap, refused before it is decoded."""

    code = "too-large"


class BadTransfer(ProtocolError):
    """A chunk out of place, past its window, or bytes that do not have the announced hash."""

    code = "bad-transfer"


class NotAllowedNow(ProtocolError):
    """A legal message at an illegal moment, such as a request before the proof."""

    code = "not-allowed-now"


class NoCommonVersion(ProtocolError):
    """The two ends share no protocol version."""

    code = "no-common-version"


class BadProof(ProtocolError):
    """The other end does not know the token."""

    code = "bad-proof"


class Refusal(BottegaError):
    """An understood request that can't be granted; its code is one of SPEC.md's table."""

    code = "refused"

    def __init__(self, code: str, message: str, remedy: str = "") -> None:
        super().__init__(message, remedy)
        self.code = code  # type: ignore[misc]  # a refusal's code is its own, not its class's
