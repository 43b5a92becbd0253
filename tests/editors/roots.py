"""Editor roots: small Debian trees with the real GIMP and Krita in them, built once and kept.

`python tests/editors/roots.py [GENERATION | all]` builds what is missing. A root lies in
BOTTEGA_ROOTS, or in the user's cache folder, under a name that holds a hash of its recipe.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
from editors.room import enter  # this file is a script too

REQUIRED = "trixie"
"""The generation that the tests run in by default; without it `make editors` fails."""

GIMP = ("gimp", "gir1.2-gimp-3.0", "python3-gi", "python3-gi-cairo")
# Krita only recommends PyQt5, and without it has no Python, silently.
KRITA = ("krita", "python3-pyqt5")
# Without the plug-in for SVG, which nothing asks for, Krita 6 has no icons.
KRITA_6 = ("krita", "python3-pyqt6", "qt6-svg-plugins")
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


@dataclass(frozen=True)
class Drifting(Recipe):
    """A suite that moves on under its name; `ahead` are packages from the suite `above` it."""

    above: str = ""
    ahead: tuple[str, ...] = ()


RECIPES = {
    REQUIRED: Recipe("trixie", (*GIMP, *KRITA, *HANDS, *EYES)),
    "forky": Drifting("forky", (*GIMP, *KRITA, *HANDS, *EYES)),
    "next": Drifting("sid", (*HANDS, *EYES), "experimental", KRITA_6),
}
"""Generations: GIMP 3.0, Krita 5.2 in trixie; GIMP 3.2, Krita 5.3 in forky; Krita 6 in next."""


def generation() -> str:
    """The generation that BOTTEGA_GENERATION names for this run of the tests."""
    return os.environ.get("BOTTEGA_GENERATION") or REQUIRED


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


def has(name: str, editor: str) -> bool:
    """Whether a generation is there and holds an editor, `gimp` or `krita`."""
    place = find(name)
    return place is not None and (place / "usr/bin" / editor).exists()


def versions(name: str) -> dict[str, str]:
    """The Debian versions of the editors in a finished root, empty where there is none."""
    place = find(name)
    status = (place / "var/lib/dpkg/status").read_text() if place else ""
    wanted = r"^Package: (gimp|krita|python3-pyqt\d)\n(?:.+\n)*?Version: (\S+)$"
    return dict(re.findall(wanted, status, re.MULTILINE))


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

    def do(step: str, command: Sequence[str]) -> None:
        try:
            subprocess.run(command, check=True, stdout=output, stderr=output)
        except subprocess.CalledProcessError as error:
            raise CannotBuild(f"{step} failed in {recipe.suite}; see the log") from error

    own_mounts = ("unshare", "--mount", "--propagation", "private", "--")
    # The usual mirror, and sid's script: a suite may be younger than this machine's debootstrap.
    script = ("", "sid") if isinstance(recipe, Drifting) else ()
    base = ("debootstrap", "--variant=minbase", recipe.suite, str(part), *script)
    do("debootstrap", (*own_mounts, *base))
    for path, text in SLIM.items():
        (part / path).write_text(text)
    (part / "usr/sbin/policy-rc.d").chmod(0o755)
    folder = part.with_suffix(".tmp")
    folder.mkdir(exist_ok=True)
    quiet = ("env", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8", "apt-get", "-qy")
    steps = [("update",), ("install", *recipe.packages), ("clean",)]
    if isinstance(recipe, Drifting) and recipe.above:
        _add_suite(part, recipe.above)
        steps.insert(2, ("install", "-t", recipe.above, *recipe.ahead))
    for step in steps:
        do(" ".join(("apt-get", *step)), enter(part, folder, (*quiet, *step)))
    shutil.rmtree(folder)
    shutil.rmtree(part / "var/lib/apt/lists")


def _add_suite(root: Path, suite: str) -> None:
    """Let apt in `root` see one more suite of the mirror that it already uses."""
    apt = root / "etc/apt"
    known = [apt / "sources.list", *sorted(apt.glob("sources.list.d/*"))]
    said = "\n".join(path.read_text() for path in known if path.is_file())
    mirror = re.search(r"\w+://\S+", said)
    if mirror is None:
        raise CannotBuild(f"no mirror named in {apt}")
    (apt / "sources.list.d" / f"{suite}.list").write_text(f"deb {mirror[0]} {suite} main\n")


def main(wanted: str = REQUIRED) -> int:
    """Build a generation or all; 1 with one line when what is required can't be built."""
    failed = False
    if wanted not in (*RECIPES, "all"):
        sys.stderr.write(f"no generation {wanted}: choose {', '.join(RECIPES)} or all\n")
        return 1
    for name in RECIPES if wanted == "all" else (wanted,):
        begun = time.monotonic()
        try:
            place = build(name, roots_folder() / f"{name}.log")
        except CannotBuild as error:
            spared = "SKIPPED, " if isinstance(RECIPES[name], Drifting) else ""
            sys.stderr.write(f"{spared}no editor root {name}: {error}\n")
            failed |= not spared
        else:
            sys.stdout.write(f"editor root {name}: {place} ({time.monotonic() - begun:.0f} s)\n")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
