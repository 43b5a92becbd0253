"""What was typed last time: kept by ourselves, because GIMP forgets it after an error or a stop."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from bottega_client.actions import Wish

FILE = "bottega-fill.json"


def load(folder: Path) -> Wish:
    """The last wish, or the default where none (or nothing legible) was kept."""
    try:
        kept = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Wish()
    return wish_from(kept)


def save(folder: Path, wish: Wish) -> None:
    """Keep a wish; a full or read-only disk is no reason not to paint."""
    part = folder / f"{FILE}.part"
    try:
        part.write_text(json.dumps(dataclasses.asdict(wish), indent=1), encoding="utf-8")
        part.replace(folder / FILE)
    except OSError:
        return


def wish_from(kept: Any) -> Wish:
    """Take the fields that fit from what was kept, by this version or another."""
    default = dataclasses.asdict(Wish())
    known = kept if isinstance(kept, dict) else {}
    fitting = {name: known[name] for name in default if _fits(name, known.get(name), default)}
    return dataclasses.replace(Wish(), **fitting)


def _fits(name: str, value: Any, default: dict[str, Any]) -> bool:
    if name == "seed":
        return type(value) is int
    wanted = (int, float) if type(default[name]) is float else (type(default[name]),)
    return type(value) in wanted
