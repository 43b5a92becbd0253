"""What can be set in the data folder's settings.toml, and what holds where nothing is set."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

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


def read_settings(folder: Path) -> Keeping:
    """What the data folder's file says; raises CannotServe for one that can't be understood."""
    file = folder / SETTINGS_FILE
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Keeping()
    except (OSError, ValueError) as error:
        raise _wrong(file, f"can't be read ({error})") from error
    known = {field.name for field in fields(Keeping)}
    if set(tables) - {"keep"} or not isinstance(tables.get("keep", {}), dict):
        raise _wrong(file, "knows one table, [keep]")
    table = tables.get("keep", {})
    for name, value in table.items():
        if name not in known:
            raise _wrong(file, f"has no setting {name!s:.60}")
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
            raise _wrong(file, f"has a {name} that is no number above 0")
    return Keeping(**{name: float(value) for name, value in table.items()})


def _wrong(file: Path, why: str) -> CannotServe:
    names = ", ".join(field.name for field in fields(Keeping))
    return CannotServe(f"{file} {why}.", f"In [keep] it may set: {names}.")
