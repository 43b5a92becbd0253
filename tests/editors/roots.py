"""Editor roots: small Debian trees with the real GIMP and Krita in them, built once and kept.

`python tests/editors/roots.py` builds what is missing. A root lies in BOTTEGA_ROOTS, or in the
user's cache folder, under a name that holds a hash of its recipe.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from editors.room import enter  # this file is a script too

GIMP = ("gimp", "gir1.2-gimp-3.0", "python3-gi", "python3-gi-cairo")
# Krita only recommends PyQt5, and without it has no Python, silently.
KRITA = ("krita", "python3-pyqt5")
HANDS = ("dbus", "dbus-x11", "at-spi2-core", "gir1.2-atspi-2.0", "xdotool")
EYES = ("xvfb", "imagemagick", "fonts-dejavu-core")

SLIM = {
    "etc/dpkg/dpkg.cfg.d/01slim": "".join(
        f"path-exclude=/usr/share/{name}/*\n" for name in ("doc", "man", "info", "locale", "help")
    ),
    "etc/apt/apt.conf.d/99slim": (
        'Acquire::Check-Valid-Until "false";\n'
        'Acquire::Languages "none";\n'
        'Acquire::Retries "3";\n'
        'APT::Install-Recommends "false";\n'
        'DPkg::Options {"--force-unsafe-io";};\n'
    ),
    # No package may start a service of its own while it is installed.
    "usr/sbin/policy-rc.d": "#!/bin/sh\nexit 101\n",
}


@dataclass(frozen=True)
class Recipe:
    """A Debian suite and what is installed in it."""

    suite: str
    packages: tuple[str, ...]

    @property
    def stamp(self) -> str:
        """Changes whenever the recipe does."""
        return hashlib.sha256(repr((self, SLIM)).encode()).hexdigest()[:12]


RECIPES = {"trixie": Recipe("trixie", (*GIMP, *KRITA, *HANDS, *EYES))}
"""Generations of editors: GIMP 3.0 and Krita 5.2 in trixie."""


class CannotBuild(Exception):
    """What this machine lacks to build a root, in one line."""


def roots_folder() -> Path:
    """Where roots are kept: BOTTEGA_ROOTS, or `bottega/roots` in the user's cache folder."""
    given = os.environ.get("BOTTEGA_ROOTS")
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(given) if given else Path(cache) / "bottega" / "roots"


def place_of(name: str) -> Path:
    """Where the root of a generation is, or would be."""
    return roots_folder() / f"{name}-{RECIPES[name].stamp}"


def find(name: str) -> Path | None:
    """A finished root, or nothing."""
    place = place_of(name)
    return place if place.is_dir() else None


def build(name: str, log: Path) -> Path:
    """Build a root if it isn't there; several callers may try at once. About 2 minutes."""
    place = place_of(name)
    place.parent.mkdir(parents=True, exist_ok=True)
    with _locked(place.parent / f".{name}.lock"):
        if not place.is_dir():
            _require_tools()
            part = place.with_name(f".{place.name}.part")
            shutil.rmtree(part, ignore_errors=True)
            with log.open("wb") as output:
                _install(RECIPES[name], part, output.fileno())
            part.rename(place)
    return place


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _require_tools() -> None:
    if os.geteuid() != 0:
        raise CannotBuild("an editor root is built as root (debootstrap): use sudo")
    missing = [tool for tool in ("debootstrap", "unshare") if not shutil.which(tool)]
    if missing and not shutil.which("apt-get"):
        raise CannotBuild(f"install {' and '.join(missing)} first")
    if missing:
        subprocess.run(["apt-get", "-qq", "update"], check=True)
        subprocess.run(
            ["apt-get", "-qqy", "--no-install-recommends", "install", "debootstrap", "util-linux"],
            check=True,
        )


def _install(recipe: Recipe, part: Path, output: int) -> None:
    """Make a minimal Debian in `part` and install the recipe's packages."""

    def do(command: Sequence[str]) -> None:
        try:
            subprocess.run(command, check=True, stdout=output, stderr=output)
        except subprocess.CalledProcessError as error:
            raise CannotBuild(f"{command[-1]} failed in {part.name}; see the log") from error

    own_mounts = ("unshare", "--mount", "--propagation", "private", "--")
    do((*own_mounts, "debootstrap", "--variant=minbase", recipe.suite, str(part)))
    for path, text in SLIM.items():
        (part / path).write_text(text)
    (part / "usr/sbin/policy-rc.d").chmod(0o755)
    folder = part.with_suffix(".tmp")
    folder.mkdir(exist_ok=True)
    quiet = ("env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8", "apt-get", "-qy")
    for step in (("update",), ("install", *recipe.packages), ("clean",)):
        do(enter(part, folder, (*quiet, *step)))
    shutil.rmtree(folder)
    shutil.rmtree(part / "var/lib/apt/lists")


def main() -> int:
    """Build every generation; 0 when all are there, 1 with one line about what is missing."""
    for name in RECIPES:
        begun = time.monotonic()
        log = roots_folder() / f"{name}.log"
        try:
            place = build(name, log)
        except CannotBuild as error:
            sys.stderr.write(f"no editor root {name}: {error}\n")
            return 1
        sys.stdout.write(f"editor root {name}: {place} ({time.monotonic() - begun:.0f} s)\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
