"""What an invitation says of the server: where it is from outside, and which certificate it has."""

from __future__ import annotations

import json
import re
import socket
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from bottega_backend.server.access import SERVER_FILE
from bottega_backend.server.app import PORT
from bottega_backend.server.certificate import own_certificate
from bottega_backend.server.exposure import is_local
from bottega_protocol.invitation import Invitation

from .exits import Mistake

OUTSIDE = {4: (socket.AF_INET, "192.0.2.1"), 6: (socket.AF_INET6, "2001:db8::1")}
"""Addresses that nobody has (RFC 5737, 3849): the system tells from where it would reach them."""

PLACE = re.compile(r"(\[[0-9a-fA-F:.]+\]|[^\s/:@#\[\]]+)(?::([0-9]{1,5}))?")


@dataclass(frozen=True)
class Place:
    """Where artists reach the server; `ready` says whether it has ever listened for them."""

    host: str
    port: int
    certificate: bytes
    ready: bool

    def invitation(self, secret: bytes) -> Invitation:
        """The invitation to come here with this secret."""
        return Invitation(self.host, self.port, secret, self.certificate)


def place(folder: Path, typed: str | None) -> Place:
    """Where this data folder's server is from outside, or would be; raises Mistake.

    Of a server that has only listened on its own machine as yet, it is taken that it will listen
    for others, on its usual port and with its own certificate.
    """
    last = _last(folder)
    open_to_all = bool(last) and not is_local(str(last["host"]))
    port = int(str(last["port"])) if open_to_all else PORT
    host, port = _typed(typed, port) if typed else (_outside(last, open_to_all=open_to_all), port)
    if open_to_all:
        certificate = bytes.fromhex(str(last["certificate"]))
    elif last and typed and is_local(host):
        certificate = b""  # for another user of the same machine
    else:
        certificate = own_certificate(folder).fingerprint
    return Place(host, port, certificate, open_to_all)


def _last(folder: Path) -> dict[str, object]:
    """What the server has said last of where it listens; empty where it has not said it."""
    try:
        entry = json.loads((folder / SERVER_FILE).read_text(encoding="utf-8"))
        found = {name: entry[name] for name in ("host", "port", "certificate")}
        is_whole = bool(found["host"]) and int(found["port"]) > 0
        bytes.fromhex(found["certificate"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return found if is_whole else {}


def _typed(typed: str, port: int) -> tuple[str, int]:
    found = PLACE.fullmatch(typed.strip())
    if found is None or not typed.isprintable() or not 0 < int(found[2] or port) < 2**16:
        raise Mistake(f"{typed} is no address.", "Give it as HOST or HOST:PORT.")
    return found[1].strip("[]"), int(found[2] or port)


def _outside(last: dict[str, object], *, open_to_all: bool) -> str:
    host = str(last["host"]) if open_to_all else ""
    try:
        address = ip_address(host or "0.0.0.0")  # noqa: S104  # told apart from others, not bound
    except ValueError:
        return host
    return lan_address(address.version) if address.is_unspecified else host


def lan_address(version: int = 4) -> str:
    """The address at which others reach this machine; its name where it has no way out."""
    family, outside = OUTSIDE[version]
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((outside, 9))  # sends nothing
            return str(probe.getsockname()[0])
    except OSError:
        return socket.gethostname()
