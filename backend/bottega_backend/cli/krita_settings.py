"""Krita's settings, as far as they are ours: the plug-in's switch, and what it has kept.

They are files in KDE's format: groups in brackets, `key=value`, and every line that is not ours is
the artist's and stays as it is, byte by byte. A running Krita would write its own over them.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

GROUP = "python"
SWITCH = "enable_bottega_krita"
SHORTCUTS = "kritashortcutsrc"
"""The file beside kritarc that has the artist's own shortcuts."""

HEAD = re.compile(r"\s*\[(?P<name>[^\]]*)\](?P<rest>\S*)\s*")
"""A group's line. What may follow are groups inside it, or `[$i]`: not to be changed."""

LOCKED = "$i"


def switch_on(settings: Path) -> bool:
    """Switch it on for Krita's next start; tells whether that was possible."""
    before = _read(settings)
    after = switched_on(before)
    if after is None:
        return False
    _write(settings, before, after)
    return True


def has_ours(settings: Path) -> bool:
    """Whether something of ours is in there."""
    before = _read(settings)
    return without_ours(before) != before


def clear(settings: Path) -> list[Path]:
    """Leave nothing of ours in Krita's settings; tells which files were changed."""
    changed = []
    for file, without in ((settings, without_ours), (settings.with_name(SHORTCUTS), no_shortcuts)):
        before = _read(file)
        if _write(file, before, without(before)):
            changed.append(file)
    return changed


def switched_on(settings: str) -> str | None:
    """A kritarc's text with the switch on; None where an administrator has locked that."""
    if any(_locks(line) for line in settings.splitlines()):
        return None
    end = "\r\n" if "\r\n" in settings else "\n"
    rest = _without(settings, _is_switch)
    lines = rest.splitlines(keepends=True)
    heads = [index for index, line in enumerate(lines) if _group(line) == GROUP]
    switch = f"{SWITCH}=true{end}"
    if heads:
        lines.insert(heads[-1] + 1, switch)
        lines[heads[-1]] = lines[heads[-1]].rstrip("\r\n") + end
        return "".join(lines)
    gap = "" if not rest or rest.endswith(end) else end
    return f"{rest}{gap}{end if rest else ''}[{GROUP}]{end}{switch}"


def without_ours(settings: str) -> str:
    """A kritarc's text without the switch and what the plug-in has kept (an address, a token)."""
    return _without(settings, lambda group, key: _is_switch(group, key) or group == "bottega")


def no_shortcuts(settings: str) -> str:
    """The text of the shortcuts' file without any of ours."""
    return _without(
        settings, lambda group, key: group == "Shortcuts" and key.startswith("bottega_")
    )


def _is_switch(group: str, key: str) -> bool:
    return group == GROUP and key == SWITCH


def _without(settings: str, ours: Callable[[str, str], bool]) -> str:
    """The text without our entries, nor a group that held nothing else."""
    kept: list[str] = []
    for head, *entries in _sections(settings):
        left = [line for line in entries if not (line.strip() and ours(_group(head), _key(line)))]
        if len(left) == len(entries) or any(line.strip() for line in left):
            kept.append("".join((head, *left)))
        elif not left and kept:
            # It was the last one: the empty line before it came with it.
            kept[-1] = re.sub(r"(?<=\n)\r?\n\Z", "", kept[-1])
    return "".join(kept)


def _sections(settings: str) -> Iterator[list[str]]:
    """The lines of each group, its head first; what stands before any has an empty line as head."""
    section = [""]
    for line in settings.splitlines(keepends=True):
        if HEAD.fullmatch(line):
            yield section
            section = []
        section.append(line)
    yield section


def _group(line: str) -> str:
    """The group that a line opens, "" where it opens none of one name alone."""
    head = HEAD.fullmatch(line)
    return head["name"] if head and head["rest"] in ("", f"[{LOCKED}]") else ""


def _key(line: str) -> str:
    """An entry's key without its marks, as in `key[$i]=value`."""
    return "" if HEAD.fullmatch(line) else line.partition("=")[0].partition("[")[0].strip()


def _locks(line: str) -> bool:
    """Whether this line forbids to change our entry: the file, the group or the entry itself."""
    head = HEAD.fullmatch(line)
    if head:
        return head["name"] == LOCKED or (head["name"] == GROUP and LOCKED in head["rest"])
    key = line.partition("=")[0]
    return _key(line) == SWITCH and LOCKED in key


def _read(file: Path) -> str:
    # What is not UTF-8 in there is not ours to judge, nor how its lines end.
    return file.read_bytes().decode("utf-8", "surrogateescape") if file.exists() else ""


def _write(file: Path, before: str, after: str) -> bool:
    """Write whole or not at all: these are the artist's settings. Tells whether it had to."""
    if after == before:
        return False
    settings = file.resolve()
    if not after:
        settings.unlink()
        return True
    settings.parent.mkdir(parents=True, exist_ok=True)
    part = settings.with_name(f"{settings.name}.bottega")
    part.write_bytes(after.encode("utf-8", "surrogateescape"))
    if settings.exists():
        shutil.copymode(settings, part)
    part.replace(settings)
    return True
