"""Who may come in, and the file that tells the machine's own user how."""

from __future__ import annotations

import hmac
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bottega_backend.store.artists import TOKEN_BYTES, Known
from bottega_protocol.errors import BadProof
from bottega_protocol.scram import ITERATIONS, Verifier, make_verifier

from .certificate import write_private
from .permissions import INVITATION

LOCAL = "local"
"""The account of the user who owns the data folder."""

SERVER_FILE = "server.json"


@dataclass(frozen=True)
class Listening:
    """What server.json holds: where the server is and what proves a client.

    `address` is where the machine's own programs connect, `host` what the server listens on;
    `certificate` the SHA-256 of its certificate in hexadecimal, empty without TLS.
    """

    address: str
    port: int
    pid: int
    server: str
    token: str = field(repr=False)
    host: str = ""
    certificate: str = ""


class Access:
    """What checks each login. `server` is this server's name, the same for ever."""

    def __init__(self, token: str, server: str, now: Callable[[], float] = time.time) -> None:
        self.server = server
        self.token = token
        self._now = now
        # The same after a restart: a salt that changed would tell that nobody has the name.
        self._secret = hmac.digest(token.encode(), b"bottega salts", "sha256")
        self._local = make_verifier(token, self._salt(LOCAL))
        self._known = Known()

    def learn(self, known: Known) -> None:
        """From here on these may come in, beside the machine's own user."""
        self._known = known

    def verifier_of(self, login: str) -> Verifier:
        """What is kept of a login's token; nothing matches that of an unknown one."""
        # Looks like any other and stays the same, so that the answer tells nothing.
        nothing = hmac.digest(self._secret, b"key " + login.encode(), "sha256")
        nobody = Verifier(self._salt(login), ITERATIONS, nothing, nothing)
        if login == LOCAL:
            return self._local
        door = self._known.doors.get(login)
        return door.verifier if door is not None and door.good(self._now()) else nobody

    def account_of(self, login: str) -> str:
        """Whose a login is that has proved itself; an invitation is its own account.

        Raises BadProof where it has been taken back in the meantime.
        """
        if login == LOCAL:
            return LOCAL
        door = self._known.doors.get(login)
        if door is None or not door.good(self._now()):
            raise BadProof("the token is not the server's", "Ask for a new invitation.")
        return login if login.startswith(INVITATION) else door.account

    def welcome(self, account: str) -> bool:
        """Whether an account's jobs may go on."""
        return account == LOCAL or account in self._known.quotas

    def _salt(self, login: str) -> bytes:
        return hmac.digest(self._secret, b"salt " + login.encode(), "sha256")[:16]


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
    write_private(folder / SERVER_FILE, json.dumps(asdict(listening)).encode())
