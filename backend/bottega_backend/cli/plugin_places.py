"""Where Krita and GIMP look for plug-ins of the user's own, on each system."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

GIMP_VERSIONS = ("3.2", "3.0")
"""Settings folders that GIMP makes for itself, newest first; 3.0 where there is none yet."""

KEPT = "bottega-fill.json"
"""The GIMP plug-in's last wish, in GIMP's own folder."""


def places(editor: str) -> list[Path]:
    """Every folder that takes the plug-in: one for Krita, one per GIMP that has been started."""
    return PLACES[editor](os.environ, Path.home(), sys.platform)


def forget(place: Path) -> None:
    """Remove what a plug-in in this folder has kept of what was typed into it."""
    (place.parent / KEPT).unlink(missing_ok=True)


def _krita(env: Mapping[str, str], home: Path, platform: str) -> list[Path]:
    roots = {
        "win32": Path(env.get("APPDATA", home / "AppData/Roaming")),
        "darwin": home / "Library/Application Support",
    }
    share = Path(env.get("XDG_DATA_HOME") or home / ".local/share")
    return [roots.get(platform, share) / "krita" / "pykrita"]


def _gimp(env: Mapping[str, str], home: Path, platform: str) -> list[Path]:
    if env.get("GIMP3_DIRECTORY"):
        return [Path(env["GIMP3_DIRECTORY"]) / "plug-ins"]
    roots = {
        "win32": Path(env.get("APPDATA", home / "AppData/Roaming")),
        "darwin": home / "Library/Application Support",
    }
    config = Path(env.get("XDG_CONFIG_HOME") or home / ".config")
    root = roots.get(platform, config) / "GIMP"
    found = [root / number for number in GIMP_VERSIONS if (root / number).is_dir()]
    return [folder / "plug-ins" for folder in found or [root / GIMP_VERSIONS[-1]]]


PLACES: dict[str, Callable[[Mapping[str, str], Path, str], list[Path]]] = {
    "krita": _krita,
    "gimp": _gimp,
}
