"""What the plug-in keeps on disk beside GIMP's own settings: the last wish, and an address."""

from __future__ import annotations

import dataclasses
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from bottega_client.editor import EditorError
from bottega_client.launch import Address, find_server
from bottega_client.wishes import Wish

WISH = "bottega-{}.json"
SERVER = "bottega-server.json"


def load_wish(folder: Path, name: str) -> Wish:
    """The last wish of a window or a dialog; the default where none that is legible was kept."""
    return wish_from(_read(folder / WISH.format(name)))


def save_wish(folder: Path, name: str, wish: Wish) -> None:
    """Keep a wish: GIMP itself forgets it after an error or a stop.

    A full or read-only disk is no reason not to paint.
    """
    with suppress(OSError):
        _write(folder / WISH.format(name), dataclasses.asdict(wish))


def load_address(folder: Path) -> Address | None:
    """The server that the artist chose; None for that of this machine."""
    kept = _read(folder / SERVER)
    there = kept if isinstance(kept, dict) else {}
    names = [field.name for field in dataclasses.fields(Address)]
    known = {name: str(there[name]) for name in names if name in there}
    return Address(**{"token": "", **known}) if known.get("url") else None


def save_address(folder: Path, address: Address | None) -> None:
    """Keep which server is to be used, for nobody else to read; raises EditorError.

    An invitation works once: who was let in and would not be tomorrow has to know.
    """
    try:
        _write(folder / SERVER, {} if address is None else dataclasses.asdict(address))
    except OSError as error:
        raise EditorError(
            f"The server's address could not be kept: {error}.", "It is used until GIMP ends."
        ) from error


def server_address(folder: Path) -> Address:
    """The server that the artist chose, else this machine's; raises NoServer."""
    return load_address(folder) or find_server()


def wish_from(kept: Any) -> Wish:
    """Take the fields that fit from what was kept, by this version or another."""
    default = dataclasses.asdict(Wish())
    known = kept if isinstance(kept, dict) else {}
    fitting = {
        name: known[name] for name in default if name in known and _fits(name, known[name], default)
    }
    return dataclasses.replace(Wish(), **fitting)


OPEN = {"seed": (int,), "feather": (int,), "strength": (int, float)}
"""Fields that may be left open, and what they hold where they are not."""


def _fits(name: str, value: Any, default: dict[str, Any]) -> bool:
    if name in OPEN:
        return value is None or type(value) in OPEN[name]
    wanted = (int, float) if type(default[name]) is float else (type(default[name]),)
    return type(value) in wanted


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _write(path: Path, content: dict[str, Any]) -> None:
    """Whole or not at all; raises OSError."""
    part = path.with_name(f"{path.name}.part")
    part.touch(mode=0o600)
    part.chmod(0o600)
    part.write_text(json.dumps(content, indent=1), encoding="utf-8")
    part.replace(path)
