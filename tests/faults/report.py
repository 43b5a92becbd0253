"""Renders docs/faults.md from what the sections gave; a section without a result keeps its text."""

from __future__ import annotations

import re
from pathlib import Path

from .results import ROOT, Outcome, outcomes
from .table import SECTIONS, Entry

REPORT = ROOT / "docs" / "faults.md"
HEAD = """# Faults: what was done to Bottega, and what held

Written by `make faults`; change nothing by hand. Each section says when it ran, on which commit,
with which seed and which share of its full count. `make faults SECTION=disk SHARE=0.1 SEED=7` runs
one of them, `AGAIN=1` runs it though nothing has changed. CI runs a small share of each
(`tests/faults/test_sections.py`).
"""
NOT_RUN = "Not run yet."


def render(file: Path = REPORT) -> None:
    """Write the report anew."""
    before = _parts(file.read_text()) if file.exists() else {}
    parts = [f"## {entry.name}\n\n{_part(entry, before.get(entry.name))}" for entry in SECTIONS]
    file.write_text(HEAD + "\n" + "\n\n".join(parts) + "\n")


def _parts(text: str) -> dict[str, str]:
    """What stands below each heading."""
    split = re.split(r"^## (\w+)\n", text, flags=re.MULTILINE)
    return {name: body.strip() for name, body in zip(split[1::2], split[2::2], strict=True)}


def _part(entry: Entry, before: str | None) -> str:
    found = outcomes(entry.name)
    if found:
        return f"{entry.says}.\n\n{_told(found[0])}"
    return before or f"{entry.says}.\n\n{NOT_RUN}"


def _told(outcome: Outcome) -> str:
    share = "all of it" if outcome.share == 1 else f"a share of {outcome.share:g}"
    head = (
        f"{outcome.date}, commit {outcome.commit}, seed {outcome.seed}, {share}, "
        f"{outcome.seconds:g} s."
    )
    rows = [f"| {name} | {_shown(value)} |" for name, value in outcome.counts.items()]
    held = [f"* **Did not hold**: {sentence}" for sentence in outcome.broken]
    table = ["| what | counted |", "| --- | --- |", *rows]
    return "\n".join([head, "", *table, "", *(held or ["Everything held."])])


def _shown(value: float | str) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
