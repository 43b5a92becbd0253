"""The server that an invitation was redeemed for, kept in the data folder for its user alone."""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from .launch import Address

CONNECTION_FILE = "connection.json"


def keep_address(folder: Path, address: Address) -> None:
    """Have this server used from now on; raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = folder / f"{CONNECTION_FILE}.{secrets.token_hex(4)}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(address), file)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / CONNECTION_FILE)


def kept_address(folder: Path) -> Address | None:
    """The server that is to be used, or nothing: then it is this machine's own."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        entry = json.loads((folder / CONNECTION_FILE).read_text(encoding="utf-8"))
        return Address(**{name: str(entry[name]) for name in ("url", "token", "account", "pin")})
    return None


def forget_address(folder: Path) -> bool:
    """Use this machine's own server again; whether another one was used."""
    try:
        (folder / CONNECTION_FILE).unlink()
    except FileNotFoundError:
        return False
    return True
