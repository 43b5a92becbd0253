"""Who can reach the server, and what that takes: encryption and artists off its own machine."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from bottega_backend.errors import CannotServe

from .certificate import Certificate, own_certificate, read_certificate

INSECURE = "--insecure-without-tls"


@dataclass(frozen=True)
class Exposure:
    """What the server was told: where to listen, a certificate of others (PEM), or none at all."""

    host: str = "127.0.0.1"
    certificate: Path | None = None
    key: Path | None = None
    insecure: bool = False

    @property
    def local(self) -> bool:
        """Whether only this machine can reach it."""
        return is_local(self.host)


def certified(exposure: Exposure, folder: Path) -> Certificate | None:
    """The certificate to show; nothing on an open line. Raises CannotServe."""
    if exposure.certificate is not None:
        return read_certificate(exposure.certificate, exposure.key or exposure.certificate)
    if exposure.key is not None:
        raise CannotServe("A key without its certificate is of no use.", "Name both.")
    if exposure.local or exposure.insecure:
        return None
    return own_certificate(folder)


def check_open(exposure: Exposure, *, artists: bool) -> None:
    """Raise CannotServe for an address that others reach while nobody of theirs may come in."""
    if exposure.local or exposure.insecure or artists:
        return
    raise CannotServe(
        f"{exposure.host or 'Every address'} is reached from other machines, and no artist is "
        "invited yet.",
        "Invite one first: bottega artists add NAME",
    )


def is_local(host: str) -> bool:
    """Whether only this machine reaches what listens there."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def nearby(host: str) -> str:
    """Where programs of this machine find what listens on a host: "any" is no place to go to."""
    address = ip_address(host)
    if not address.is_unspecified:
        return host
    return "::1" if address.version == 6 else "127.0.0.1"
