"""The certificate that the server shows off its own machine: its own, made once, or a real one."""

from __future__ import annotations

import os
import secrets
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bottega_backend.errors import CannotServe

CERTIFICATE_FILE = "certificate.pem"
"""In the data folder: the server's own key and certificate. Who has it can pose as the server."""

YEARS = 20
NAME = "Bottega"


@dataclass(frozen=True)
class Certificate:
    """Files for TLS, the SHA-256 of the certificate (DER), and when it ends."""

    chain: Path
    key: Path
    fingerprint: bytes
    ends: datetime

    def context(self) -> ssl.SSLContext:
        """What the listening socket is wrapped in: TLS 1.3. Raises CannotServe."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.num_tickets = 0  # our clients never take a session up again
        try:
            # A key with a password would have the terminal asked; there is nobody at it.
            context.load_cert_chain(self.chain, self.key, password=lambda: "")
        except (OSError, ValueError) as error:
            raise CannotServe(
                f"The certificate {self.chain} and the key {self.key} can't be used: {error}.",
                "They have to be PEM files that belong together, the key without a password.",
            ) from error
        return context


def own_certificate(folder: Path) -> Certificate:
    """The data folder's own certificate, made where there is none. Raises CannotServe, OSError."""
    file = folder / CERTIFICATE_FILE
    if not file.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make_once(file)
    return read_certificate(file, file)


def _make_once(file: Path) -> None:
    """Several may make one in the same moment, a server and a command: the first one counts."""
    made = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    write_private(made, make_certificate(datetime.now(UTC)))
    try:
        os.link(made, file)
    except FileExistsError:
        pass
    except OSError:  # a disk without links
        made.replace(file)
    made.unlink(missing_ok=True)


def read_certificate(chain: Path, key: Path) -> Certificate:
    """What these files hold; raises CannotServe where it can't be read or its time is over."""
    try:
        found = x509.load_pem_x509_certificate(chain.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm) as error:
        raise CannotServe(
            f"The certificate {chain} can't be read: {error}.", _remedy(chain)
        ) from error
    ends = found.not_valid_after_utc
    if ends < datetime.now(UTC):
        raise CannotServe(
            f"The certificate {chain} expired on {ends:%Y-%m-%d}: no artist's editor takes it.",
            _remedy(chain),
        )
    return Certificate(chain, key, found.fingerprint(hashes.SHA256()), ends)


def _remedy(chain: Path) -> str:
    if chain.name == CERTIFICATE_FILE:
        return (
            "Move the file away: the next start makes another, and every artist needs a new "
            "invitation."
        )
    return "Have it renewed, or leave --certificate out to use one of the server's own."


def make_certificate(now: datetime, years: float = YEARS) -> bytes:
    """A new key and a certificate that it signed itself, as PEM. Nobody looks at its names."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # Clocks of a studio differ.
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365.25 * years))
        # Our own programs pin it; Prometheus and others that are given it want a name to compare.
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME.lower())]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) + certificate.public_bytes(serialization.Encoding.PEM)


def write_private(file: Path, content: bytes) -> None:
    """Write a file at once, synced, and for its owner only."""
    temporary = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    temporary.replace(file)
