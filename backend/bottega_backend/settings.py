"""What can be set in the data folder's settings.toml, and what holds where nothing is set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeVar

import tomllib

from .errors import CannotServe

SETTINGS_FILE = "settings.toml"


@dataclass(frozen=True)
class Keeping:
    """How long results are kept, and in how much room; table `keep` of the file.

    `gigabytes` (10^9 bytes) are for all pixels together. `upload_hours` is how long uploaded
    pixels stay that no kept job names: those whose job never came, and inputs of ended ones.
    """

    days: float = 14.0
    gigabytes: float = 20.0
    upload_hours: float = 24.0


@dataclass(frozen=True)
class Limits:
    """How much of the server one may have at once; table `limits` of the file.

    Of the server: `sockets`. Of one address: `address_sockets`, and `handshakes` per second (twice
    as many at a moment). Of one artist: `artist_sockets`; `messages` per second (four times as
    many at a moment, more have to wait); `uploads` in gigabytes (10^9 bytes) that have begun and
    not ended; `jobs` that have not ended; `megapixels` (10^6) of a job, all variations together;
    `kept_jobs` and `kept_gigabytes` of everything that is stored.
    """

    sockets: int = 1000
    address_sockets: int = 64
    handshakes: float = 100.0
    artist_sockets: int = 32
    messages: float = 1000.0
    uploads: float = 4.0
    jobs: int = 200
    megapixels: float = 540.0
    kept_jobs: int = 10_000
    kept_gigabytes: float = 10.0

    def of_artist(self, quota: Mapping[str, float]) -> Limits:
        """These, with what was set for one artist; raises ValueError for what can't be."""
        for name, value in quota.items():
            if name not in QUOTAS:
                raise ValueError(f"{name} is no limit of one artist")
            if name in _whole(Limits) and not float(value).is_integer():
                raise ValueError(f"has a {name} that is no whole number")
            _number(name, value)
        whole = {name: int(value) for name, value in quota.items() if name in _whole(Limits)}
        return replace(self, **{**quota, **whole})  # type: ignore[arg-type]  # whole ones are


QUOTAS = (
    "artist_sockets",
    "messages",
    "uploads",
    "jobs",
    "megapixels",
    "kept_jobs",
    "kept_gigabytes",
)
"""The limits that may be set for one artist."""


@dataclass(frozen=True)
class Http:
    """Who may ask for /health and /metrics; table `http` of the file.

    `hosts` are names under which this server is called, beside its addresses and localhost: a
    request that names another is a web page's, by way of a name that its author has turned.
    """

    hosts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    """The whole file: a field for each table."""

    keep: Keeping = Keeping()
    limits: Limits = Limits()
    http: Http = Http()


TABLES: dict[str, type[Any]] = {"keep": Keeping, "limits": Limits, "http": Http}

T = TypeVar("T")


def read_settings(folder: Path) -> Settings:
    """What the data folder's file says; raises CannotServe for one that can't be understood."""
    file = folder / SETTINGS_FILE
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except (OSError, ValueError) as error:
        raise _wrong(f"{file} can't be read ({error})") from error
    unknown = [name for name in tables if name not in TABLES]
    if unknown:
        raise _wrong(f"{file} has a table that is none: {unknown[0]:.60}")
    try:
        return Settings(**{name: _table(TABLES[name], set_) for name, set_ in tables.items()})
    except ValueError as error:
        raise _wrong(f"{file} {error}") from error


def _table(kind: type[T], table: object) -> T:
    """One table as its dataclass; raises ValueError with what is wrong."""
    name = next(name for name, known in TABLES.items() if known is kind)
    if not isinstance(table, dict):
        raise ValueError(f"has a {name} that is no table")  # noqa: TRY004  # read_settings' word for it
    known = {field.name: field.default for field in fields(kind)}  # type: ignore[arg-type]  # a dataclass of TABLES
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in known:
            raise ValueError(f"has no setting {key:.60} in [{name}]")
        values[key] = _names(key, value) if isinstance(known[key], tuple) else _number(key, value)
        if isinstance(known[key], int) and not isinstance(values[key], int):
            raise ValueError(f"has a {key} that is no whole number")  # noqa: TRY004  # as above
        if isinstance(known[key], float):
            values[key] = float(value)
    return kind(**values)


def _whole(kind: type[Any]) -> set[str]:
    return {field.name for field in fields(kind) if isinstance(field.default, int)}


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
        raise ValueError(f"has a {name} that is no number above 0")
    return value


def _names(name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise ValueError(f"has {name} that are no list of names")
    return tuple(item.lower() for item in value)


def _wrong(what: str) -> CannotServe:
    told = (
        f"[{name}]: " + ", ".join(field.name for field in fields(kind))
        for name, kind in TABLES.items()
    )
    return CannotServe(f"{what}.", f"It may set {'; '.join(told)}.")
