"""A server whose limits are no part of what is tried: many connections, messages and results."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fakes.served import Served

LIMITS: dict[str, float] = {
    "sockets": 4000,
    "address_sockets": 4000,
    "artist_sockets": 1000,
    "handshakes": 1e5,
    "messages": 1e6,
    "kept_jobs": 1_000_000,
    "kept_gigabytes": 1000,
}


def wide(folder: Path, *, limits: dict[str, float] | None = None, **options: Any) -> Served:
    """A server with the step worker and its data in `folder`/data; `limits` besides."""
    data = folder / "data"
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    lines = (f"{name} = {value!r}" for name, value in {**LIMITS, **(limits or {})}.items())
    (data / "settings.toml").write_text("[limits]\n" + "\n".join(lines) + "\n")
    return Served(data, **options)
