"""Who may come in: the token of the machine's user, and the file that tells it to editors."""

from __future__ import annotations

import hmac
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from bottega_protocol.scram import ITERATIONS, Verifier, make_verifier

LOCAL = "local"
"""The account of the user who owns the data folder."""

SERVER_FILE = "server.json"
TOKEN_BYTES = 32


@dataclass(frozen=True)
class Listening:
    """What server.json holds: where the server is and what proves a client."""

    address: str
    port: int
    pid: int
    server: str
    token: str


class Access:
    """The verifiers of all accounts. `server` is this server's name, the same for ever."""

    def __init__(self, token: str, server: str) -> None:
        self.server = server
        self.token = token
        self._secret = secrets.token_bytes(32)
        self._verifiers = {LOCAL: make_verifier(token, self._salt(LOCAL))}

    def verifier_of(self, account: str) -> Verifier:
        """What is kept of an account's token; nothing matches that of an unknown account."""
        known = self._verifiers.get(account)
        if known is not None:
            return known
        # Looks like any other and stays the same, so that the answer tells nothing.
        nothing = hmac.digest(self._secret, b"key " + account.encode(), "sha256")
        return Verifier(self._salt(account), ITERATIONS, nothing, nothing)

    def _salt(self, account: str) -> bytes:
        return hmac.digest(self._secret, b"salt " + account.encode(), "sha256")[:16]


def open_access(folder: Path) -> Access:
    """The access that this data folder has had before, or a new one."""
    try:
        before = json.loads((folder / SERVER_FILE).read_text(encoding="utf-8"))
        token, server = str(before["token"]), str(before["server"])
        if len(token) >= TOKEN_BYTES:
            return Access(token, server)
    except (OSError, ValueError, KeyError, TypeError):
        pass  # a first start, or a file that somebody has damaged: a new token mends it
    return Access(secrets.token_urlsafe(TOKEN_BYTES), secrets.token_hex(8))


def publish(folder: Path, listening: Listening) -> None:
    """Write server.json at once and for its owner only."""
    temporary = folder / f"{SERVER_FILE}.{secrets.token_hex(4)}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(listening), file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / SERVER_FILE)
