"""A line that nobody reads or changes: TLS, with the one certificate that was told beforehand.

Nothing of ours is sent before the certificate is the right one. OpenSSL's objects must not be
used by two threads at a time, and ours read in one and write in another: here a lock guards what
is in memory, and nobody holds it while he waits for the network.
"""

from __future__ import annotations

import hashlib
import hmac
import socket
import ssl
import threading
import time
from contextlib import suppress
from datetime import datetime, timezone

from bottega_protocol.errors import BottegaError

PIECE = 64 * 1024
SEQUENCE, VERSION, UTC_TIME = 0x30, 0xA0, 0x17
EXPIRED, OWN = 10, (18, 19)
"""OpenSSL's numbers: a date that has passed; a certificate, or its chain, that it made itself."""

NEW_INVITATION = "Ask whoever runs it for a new invitation."


class WrongCertificate(BottegaError):
    """Another certificate than the one that was told, or one that nobody vouches for."""

    code = "wrong-certificate"


class CertificateExpired(BottegaError):
    """The right certificate, but its time is over."""

    code = "certificate-expired"


class Tunnel:
    """A socket as websockets uses one, with TLS inside. Raises OSError and ssl.SSLError."""

    def __init__(self, raw: socket.socket, context: ssl.SSLContext, host: str) -> None:
        self._raw = raw
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        name = host if context.check_hostname else None
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name)
        self._memory = threading.Lock()
        self._line = threading.Lock()

    def shake_hands(self) -> bytes:
        """Agree on keys; gives the other end's certificate (DER)."""
        while not self._agreed():
            self._flush()
            if not self._fill():
                raise ConnectionResetError("the other end hung up")
        self._flush()
        return self._tls.getpeercert(binary_form=True) or b""

    def _agreed(self) -> bool:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        except ssl.SSLError:
            with suppress(OSError):
                self._flush()  # it is told why
            raise
        return True

    def recv(self, most: int) -> bytes:
        """What has come; nothing once the other end has hung up."""
        while True:
            with self._memory:
                ready = self._ready(most)
                pending = self._outgoing.pending
            if pending:
                self._flush()
            if ready is not None:
                return ready
            if not self._fill():
                return b""

    def _ready(self, most: int) -> bytes | None:
        """What can be read without waiting: several records at once; nothing at the end."""
        ready = bytearray()
        with suppress(ssl.SSLWantReadError):
            while len(ready) < most:
                piece = self._piece(most - len(ready))
                if not piece:
                    return bytes(ready)
                ready += piece
        return bytes(ready) or None

    def _piece(self, most: int) -> bytes:
        """What one record holds; nothing once the other end has said or shown that it ends."""
        try:
            return self._tls.read(most)
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return b""

    def sendall(self, content: bytes) -> None:
        """Send all of it."""
        with self._memory:
            self._tls.write(content)
        self._flush()

    def _fill(self) -> bool:
        piece = self._raw.recv(PIECE)
        with self._memory:
            self._incoming.write(piece)
        return bool(piece)

    def _flush(self) -> None:
        # Taken and sent in one turn: records are numbered.
        with self._line:
            with self._memory:
                content = self._outgoing.read()
            if content:
                self._raw.sendall(content)

    # What the socket itself does as before.

    def settimeout(self, seconds: float | None) -> None:
        self._raw.settimeout(seconds)

    def setsockopt(self, level: int, option: int, value: int) -> None:
        self._raw.setsockopt(level, option, value)

    def getpeername(self) -> object:
        return self._raw.getpeername()

    def getsockname(self) -> object:
        return self._raw.getsockname()

    def shutdown(self, how: int) -> None:
        self._raw.shutdown(how)

    def close(self) -> None:
        self._raw.close()


def open_tunnel(host: str, port: int, pin: str, seconds: float) -> tuple[Tunnel, bytes]:
    """Connect; gives the tunnel and the SHA-256 of the certificate at its other end.

    `pin` is that SHA-256 as it was told, in hexadecimal. Another certificate will do where an
    authority that this computer trusts vouches for it under the server's name: real ones are
    renewed every few months. Without a pin only such a one will do. Raises WrongCertificate,
    CertificateExpired, OSError.
    """
    if not pin:
        return _vouched(host, port, seconds)
    tunnel, certificate = _open(host, port, _anybody(), seconds)
    seen = hashlib.sha256(certificate).digest()
    if hmac.compare_digest(seen.hex(), pin.lower()):
        ends = expiry(certificate)
        if ends >= time.time():
            return tunnel, seen
        tunnel.close()
        raise _expired(host, ends)
    tunnel.close()
    try:
        return _vouched(host, port, seconds)
    except WrongCertificate as error:
        raise WrongCertificate(
            f"{host}:{port} shows another certificate than the server of your invitation: it is "
            "another program, or the server has a new one. Nothing was sent to it.",
            NEW_INVITATION,
        ) from error


def _vouched(host: str, port: int, seconds: float) -> tuple[Tunnel, bytes]:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    try:
        tunnel, certificate = _open(host, port, context, seconds)
    except ssl.SSLCertVerificationError as error:
        if error.verify_code == EXPIRED:
            raise _expired(host, None) from error
        own = "is the server's own" if error.verify_code in OWN else "does not fit"
        raise WrongCertificate(
            f"The certificate at {host}:{port} {own}: {error.verify_message}.", NEW_INVITATION
        ) from error
    return tunnel, hashlib.sha256(certificate).digest()


def _anybody() -> ssl.SSLContext:
    """Takes any certificate: it is compared with the pin instead."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _open(host: str, port: int, context: ssl.SSLContext, seconds: float) -> tuple[Tunnel, bytes]:
    raw = socket.create_connection((host, port), timeout=seconds)
    try:
        tunnel = Tunnel(raw, context, host)
        return tunnel, tunnel.shake_hands()
    except BaseException:
        raw.close()
        raise


def _expired(host: str, ends: float | None) -> CertificateExpired:
    day = f" on {datetime.fromtimestamp(ends, timezone.utc):%Y-%m-%d}" if ends else ""
    return CertificateExpired(
        f"The certificate of the server at {host} expired{day}.",
        "Whoever runs the server has to renew it; see too that this computer's clock is right.",
    )


# --- reading a date out of a certificate --------------------------------------------------------


def expiry(certificate: bytes) -> float:
    """When a certificate (DER, RFC 5280 section 4.1) ends, in seconds since 1970.

    The standard library tells it only of certificates that an authority vouches for.
    """
    _, signed, _ = _element(certificate, 0)
    _, at, _ = _element(certificate, signed)
    if certificate[at] == VERSION:
        at = _element(certificate, at)[2]
    for _serial_algorithm_issuer in range(3):
        at = _element(certificate, at)[2]
    _, begins, _ = _element(certificate, at)
    kind, start, end = _element(certificate, _element(certificate, begins)[2])
    form = "%y%m%d%H%M%S%z" if kind == UTC_TIME else "%Y%m%d%H%M%S%z"
    # %z reads the Z at its end: the zone is known.
    told = datetime.strptime(certificate[start:end].decode("ascii"), form)  # noqa: DTZ007
    return told.timestamp()


def _element(content: bytes, at: int) -> tuple[int, int, int]:
    """The kind of the DER element at this place, where its content begins, and where it ends."""
    kind, length, start = content[at], content[at + 1], at + 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(content[at + 2 : start], "big")
    return kind, start, start + length
