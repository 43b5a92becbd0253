"""Switches the plug-in on and off in Krita's settings, where that is safe to do."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

SECTION = "[python]"
SWITCH = "enable_bottega_krita"


def switch_on() -> bool:
    """Switch it on for the next start of Krita; tells whether that was possible.

    A running Krita would write its own settings over ours, and only on Linux can we see whether
    one runs.
    """
    return _change(switched_on)


def switch_off() -> bool:
    """Leave nothing of the switch in Krita's settings; tells whether that was possible."""
    return _change(without_switch)


def _change(change: Callable[[str], str]) -> bool:
    if not sys.platform.startswith("linux") or _runs("krita"):
        return False
    config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    settings = (config / "kritarc").resolve()
    # What is not UTF-8 in there is not ours to judge.
    before = settings.read_text("utf-8", "surrogateescape") if settings.exists() else ""
    after = change(before)
    if after != before:
        settings.parent.mkdir(parents=True, exist_ok=True)
        # Whole or not at all: these are the artist's settings.
        part = settings.with_name(f"{settings.name}.bottega")
        part.write_text(after, "utf-8", "surrogateescape")
        if settings.exists():
            shutil.copymode(settings, part)
        part.replace(settings)
    return True


def without_switch(settings: str) -> str:
    """The text of a kritarc without the switch, nor a section that held nothing else."""
    if SWITCH not in settings:
        return settings
    lines = [line for line in settings.splitlines() if not _is_switch(line)]
    kept = [line for index, line in enumerate(lines) if not _is_hollow(lines, index)]
    return "\n".join(kept).strip("\n") + "\n" if any(kept) else ""


def _is_switch(line: str) -> bool:
    return line.partition("=")[0].strip() == SWITCH


def _is_hollow(lines: list[str], index: int) -> bool:
    """Whether this line is our section's head and nothing stands below it."""
    below = next((line for line in lines[index + 1 :] if line.strip()), "[")
    return lines[index].strip() == SECTION and below.startswith("[")


def switched_on(settings: str) -> str:
    """The text of a kritarc with the switch on and everything else as it was."""
    lines = [line for line in settings.splitlines() if not _is_switch(line)]
    if SECTION not in lines:
        lines += [*([""] if lines else []), SECTION]
    lines.insert(lines.index(SECTION) + 1, f"{SWITCH}=true")
    return "\n".join(lines) + "\n"


def _runs(program: str) -> bool:
    return any(_name(process) == program for process in Path("/proc").glob("[0-9]*"))


def _name(process: Path) -> str:
    try:
        return (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""  # it has ended in between
