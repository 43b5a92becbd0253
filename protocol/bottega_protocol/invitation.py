"""An invitation as people paste it: a link or a text with address, certificate and secret.

SPEC.md section 2 has the form. Pure; who makes one and who redeems one is elsewhere.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field

from .errors import BottegaError

SECRET_BYTES = 16
HASH_BYTES = 32
CHECK_BYTES = 2
PLAIN, PINNED = 0, 1
"""The first byte of a code: whether a certificate's hash follows the secret."""

LENGTHS = {PLAIN: 1 + SECRET_BYTES, PINNED: 1 + SECRET_BYTES + HASH_BYTES}
ACCOUNT = "invitation:"
GROUP = 5
MOST_TEXT = 2000
SLIPS = str.maketrans("018", "OIB")
PLACE = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s/:@#\[\]]+):([0-9]{1,5})(?:/#|\s)(.*)", re.DOTALL)
REMEDY = "Copy the whole of it again, or ask for a new one."


class BadInvitation(BottegaError):
    """A text that is no invitation, or not all of one."""

    code = "bad-invitation"


@dataclass(frozen=True)
class Invitation:
    """Where to go, what the certificate there has to be, and the secret that lets in once.

    `certificate` is the SHA-256 of the server's certificate (DER), empty where the line is open.
    """

    host: str
    port: int
    secret: bytes = field(repr=False)  # neither in a log nor in a traceback
    certificate: bytes = b""

    @property
    def place(self) -> str:
        """Host and port as they stand in an address."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The address of the server."""
        return f"{'wss' if self.certificate else 'ws'}://{self.place}"

    @property
    def account(self) -> str:
        """What the hello says; it does not tell the secret."""
        return account_of(self.secret)

    @property
    def token(self) -> str:
        """What the handshake proves."""
        return token_of(self.secret)

    @property
    def link(self) -> str:
        """One line without spaces."""
        return f"bottega://{self.place}/#{self._code()}"

    @property
    def text(self) -> str:
        """One line in groups, for eyes."""
        code = self._code()
        groups = (code[at : at + GROUP] for at in range(0, len(code), GROUP))
        return f"{self.place} {'-'.join(groups)}"

    def _code(self) -> str:
        kind = PINNED if self.certificate else PLAIN
        body = bytes((kind,)) + self.secret + self.certificate
        return _base32(body + _check(body, self.place))


def account_of(secret: bytes) -> str:
    """The account under which an invitation shakes hands."""
    return ACCOUNT + _base32(hashlib.sha256(b"bottega invitation" + secret).digest()[:10]).lower()


def token_of(secret: bytes) -> str:
    """What an invitation's handshake proves, in place of an artist's token."""
    return _base32(secret).lower()


def looks_like_invitation(text: str) -> bool:
    """Whether somebody means this as an invitation rather than as an address."""
    text = text.strip()
    return text.lower().startswith("bottega://") or _parts(text) is not None


def read_invitation(text: str) -> Invitation:
    """The invitation that was pasted; raises BadInvitation, which says what is wrong with it."""
    parts = _parts(text)
    if parts is None:
        raise BadInvitation("That is no invitation: HOST:PORT and a code are expected.", REMEDY)
    place, host, port, code = parts
    body = _bytes(code)
    kind = body[0] if body else PLAIN
    if kind not in LENGTHS:
        raise BadInvitation("This invitation is of another version.", "Update Bottega.")
    length = LENGTHS[kind]
    if len(body) != length + CHECK_BYTES or body[length:] != _check(body[:length], place):
        raise BadInvitation("A character of the invitation is missing or wrong.", REMEDY)
    secret, certificate = body[1 : 1 + SECRET_BYTES], body[1 + SECRET_BYTES : length]
    return Invitation(host, port, secret, certificate)


def _parts(text: str) -> tuple[str, str, int, str] | None:
    """Place, host, port and code of a text that has the shape of an invitation."""
    if len(text) > MOST_TEXT:
        return None
    words = text.strip().partition("://")
    if words[1] and words[0].lower() != "bottega":
        return None
    found = PLACE.fullmatch(words[2] if words[1] else words[0])
    if found is None or not 0 < int(found[2]) < 2**16:
        return None
    return f"{found[1]}:{found[2]}", found[1].strip("[]"), int(found[2]), found[3]


def _bytes(code: str) -> bytes:
    letters = re.sub(r"[\s-]", "", code).upper().translate(SLIPS)
    try:
        return base64.b32decode(letters + "=" * (-len(letters) % 8))
    except (binascii.Error, ValueError) as error:
        raise BadInvitation("The invitation's code has a wrong character.", REMEDY) from error


def _check(body: bytes, place: str) -> bytes:
    return hashlib.sha256(body + place.lower().encode()).digest()[:CHECK_BYTES]


def _base32(content: bytes) -> str:
    return base64.b32encode(content).decode().rstrip("=")
