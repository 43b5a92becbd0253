"""Whether a program of the user's runs right now, on each system."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path


def runs(program: str) -> bool:
    """Whether it runs; where nobody can tell, it may."""
    try:
        return program in {_plain(name) for name in PROCESSES.get(sys.platform, _of_linux)()}
    except (OSError, subprocess.SubprocessError):
        return True


def of_windows(output: str) -> list[str]:
    """Programs in what `tasklist /FO CSV /NH` tells: a name in front of each line."""
    return [row[0] for row in csv.reader(output.splitlines()) if row]


def of_macos(output: str) -> list[str]:
    """Programs in what `ps -A -o comm=` tells: a path each."""
    return [line.strip().rpartition("/")[2] for line in output.splitlines()]


def _of_linux() -> list[str]:
    return [_name(process) for process in Path("/proc").glob("[0-9]*") if _is_ours(process)]


def _name(process: Path) -> str:
    try:
        return (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""  # it has ended in between


def _is_ours(process: Path) -> bool:
    """Whether it lives in our home folder, as a Snap does below it: others have other settings."""
    try:
        environment = (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return False  # somebody else's
    home = next((os.fsdecode(line[5:]) for line in environment if line.startswith(b"HOME=")), "")
    return not home or Path(home).is_relative_to(Path.home())


def _told(*command: str) -> str:
    done = subprocess.run(  # noqa: S603  # one of the two below
        command, capture_output=True, text=True, check=True, timeout=20
    )
    return done.stdout


def _plain(name: str) -> str:
    return name.lower().removesuffix(".exe")


PROCESSES: dict[str, Callable[[], list[str]]] = {
    "win32": lambda: of_windows(_told("tasklist", "/FO", "CSV", "/NH")),
    "darwin": lambda: of_macos(_told("ps", "-A", "-o", "comm=")),
}
