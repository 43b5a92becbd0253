"""Switches the plug-in on in Krita's settings, where that is safe to do."""

from __future__ import annotations

import os
import sys
from pathlib import Path

SECTION = "[python]"
SWITCH = "enable_bottega_krita"


def switch_on() -> bool:
    """Switch it on for the next start of Krita; tells whether that was possible.

    A running Krita would write its own settings over ours, and only on Linux can we see whether
    one runs.
    """
    if not sys.platform.startswith("linux") or _runs("krita"):
        return False
    config = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    settings = config / "kritarc"
    before = settings.read_text(encoding="utf-8") if settings.exists() else ""
    config.mkdir(parents=True, exist_ok=True)
    settings.write_text(switched_on(before), encoding="utf-8")
    return True


def switched_on(settings: str) -> str:
    """The text of a kritarc with the switch on and everything else as it was."""
    lines = [line for line in settings.splitlines() if line.partition("=")[0].strip() != SWITCH]
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
