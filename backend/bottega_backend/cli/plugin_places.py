"""Where Krita and GIMP look for plug-ins of the user's own, however they came onto the machine."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

NEW_GIMP = "3.0"
"""The folder of settings where no GIMP has made one yet."""

KEPT = "bottega-*.json"
"""What the GIMP plug-in keeps in GIMP's own folder: wishes, and a server's address."""

OWN = "bottega"
"""The folder beside the plug-ins where both keep files: an address, stops to be told."""

PACKAGES = "Linux packages, AppImage"


@dataclass(frozen=True)
class System:
    """What decides about the places: the environment, the home folder, `sys.platform`."""

    env: Mapping[str, str] = field(default_factory=lambda: os.environ)
    home: Path = field(default_factory=Path.home)
    platform: str = sys.platform

    def folder(self, variable: str, otherwise: str) -> Path:
        """A folder that the environment names, or the usual one in the home folder."""
        return Path(self.env.get(variable) or self.home / otherwise)


@dataclass(frozen=True)
class Home:
    """One installation's settings: how it came onto this machine, and where it looks.

    `settings` are Krita's. An installation is there when one of `signs` exists.
    """

    kind: str
    plugins: Path
    signs: tuple[Path, ...]
    settings: Path | None = None

    @property
    def is_there(self) -> bool:
        """Whether this editor has been started from this kind of installation."""
        return any(sign.exists() for sign in self.signs)


def homes(editor: str, system: System | None = None) -> list[Home]:
    """Every place that the plug-in can be in, the system's own first."""
    system = system or System()
    kind = system.platform if system.platform in ("win32", "darwin") else "linux"
    return list(HOMES[editor, kind](system))


def homes_to_use(editor: str, system: System | None = None) -> list[Home]:
    """The installations that are there; where there is none yet, the system's own."""
    every = homes(editor, system)
    return [home for home in every if home.is_there] or every[:1]


def places(editor: str) -> list[Path]:
    """Every folder that the plug-in belongs into on this machine."""
    return [home.plugins for home in homes_to_use(editor)]


def forget(home: Home) -> None:
    """Remove what the plug-in has kept there, and the folders that were made for it alone."""
    if home.settings is None:
        for kept in home.plugins.parent.glob(KEPT):
            kept.unlink()
    shutil.rmtree(home.plugins.parent / OWN, ignore_errors=True)
    around, beyond = home.plugins.parent, home.plugins.parent.parent
    with suppress(OSError):  # there is something else in it
        for folder in (home.plugins, around, *([beyond] if beyond.name == "GIMP" else [])):
            folder.rmdir()


def _krita(kind: str, share: Path, config: Path, *signs: Path) -> Home:
    settings = config / "kritarc"
    return Home(kind, share / "krita/pykrita", signs or (share / "krita", settings), settings)


def _krita_on_linux(system: System) -> Iterator[Home]:
    share, config = system.folder("XDG_DATA_HOME", ".local/share"), _config(system)
    yield _krita(PACKAGES, share, config)
    flatpak, snap = _flatpak(system, "org.kde.krita"), _snap(system, "krita")
    yield _krita("Flatpak", flatpak / "data", flatpak / "config", flatpak)
    yield _krita("Snap", snap / ".local/share", snap / ".config", snap)


def _krita_on_windows(system: System) -> Iterator[Home]:
    roaming, local = _roaming(system), _local(system)
    yield _krita("Windows", roaming, local)
    for cache in _store(system, "*Krita_*"):
        yield _krita("Microsoft Store", cache / "Roaming", cache / "Local", cache)


def _krita_on_macos(system: System) -> Iterator[Home]:
    yield _krita("macOS", _support(system), system.home / "Library/Preferences")


def _gimp(kind: str, root: Path) -> Iterator[Home]:
    """One for each GIMP 3 that has made its folder in there."""
    found = sorted((path for path in root.glob("3.*") if path.is_dir()), reverse=True)
    for folder in found or [root / NEW_GIMP]:
        yield Home(f"{kind}, GIMP {folder.name}", folder / "plug-ins", (folder,))


def _gimp_on_linux(system: System) -> Iterator[Home]:
    yield from _gimp_of_environment(system)
    yield from _gimp(PACKAGES, _config(system) / "GIMP")
    yield from _gimp("Flatpak", _flatpak(system, "org.gimp.GIMP") / "config/GIMP")
    yield from _gimp("Snap", _snap(system, "gimp") / ".config/GIMP")


def _gimp_on_windows(system: System) -> Iterator[Home]:
    yield from _gimp_of_environment(system)
    yield from _gimp("Windows", _roaming(system) / "GIMP")
    for cache in _store(system, "GIMP.*"):
        yield from _gimp("Microsoft Store", cache / "Roaming/GIMP")


def _gimp_on_macos(system: System) -> Iterator[Home]:
    yield from _gimp_of_environment(system)
    yield from _gimp("macOS", _support(system) / "GIMP")


def _gimp_of_environment(system: System) -> Iterator[Home]:
    """GIMP itself looks nowhere else where this variable is set."""
    if system.env.get("GIMP3_DIRECTORY"):
        folder = Path(system.env["GIMP3_DIRECTORY"])
        yield Home("GIMP3_DIRECTORY", folder / "plug-ins", (folder, Path(folder.anchor)))


def _config(system: System) -> Path:
    return system.folder("XDG_CONFIG_HOME", ".config")


def _flatpak(system: System, name: str) -> Path:
    return system.home / ".var/app" / name


def _snap(system: System, name: str) -> Path:
    """What a Snap takes for its home; `current` is a link to the revision in use."""
    return system.home / "snap" / name / "current"


def _roaming(system: System) -> Path:
    return system.folder("APPDATA", "AppData/Roaming")


def _local(system: System) -> Path:
    return system.folder("LOCALAPPDATA", "AppData/Local")


def _store(system: System, pattern: str) -> Iterator[Path]:
    """What programs from Microsoft's Store are shown as their AppData."""
    for package in sorted((_local(system) / "Packages").glob(pattern)):
        yield package / "LocalCache"


def _support(system: System) -> Path:
    return system.home / "Library/Application Support"


HOMES: dict[tuple[str, str], Callable[[System], Iterator[Home]]] = {
    ("krita", "linux"): _krita_on_linux,
    ("krita", "win32"): _krita_on_windows,
    ("krita", "darwin"): _krita_on_macos,
    ("gimp", "linux"): _gimp_on_linux,
    ("gimp", "win32"): _gimp_on_windows,
    ("gimp", "darwin"): _gimp_on_macos,
}
