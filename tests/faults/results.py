"""Runs sections and keeps what they gave, one JSON each, so that nothing is run twice."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .given import Figures, Given
from .table import Entry

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Outcome:
    """One section's run; `source` is the hash of what it ran and what it watches."""

    section: str
    seed: int
    share: float
    source: str
    commit: str
    date: str
    seconds: float
    counts: dict[str, int | float | str]
    broken: tuple[str, ...]


def kept_in() -> Path:
    """Where results are kept; BOTTEGA_FAULTS names another folder."""
    return Path(os.environ.get("BOTTEGA_FAULTS") or ROOT / "artifacts" / "faults")


def outcomes(section: str) -> list[Outcome]:
    """Every kept outcome of a section, the largest share first."""
    files = kept_in().glob(f"*/{section}.json")
    found = [_outcome(json.loads(file.read_text())) for file in files]
    return sorted(found, key=lambda outcome: outcome.share, reverse=True)


def run(
    entry: Entry, share: float, seed: int, say: Callable[[str], None], *, again: bool = False
) -> Outcome:
    """Run a section, unless the same was run already; what it raises is raised."""
    folder = kept_in() / f"share-{share:g}"
    file, work = folder / f"{entry.name}.json", folder / f"{entry.name}-{seed}.work"
    source = source_of(entry)
    if file.exists() and not again:
        before = _outcome(json.loads(file.read_text()))
        if (before.seed, before.source, before.broken) == (seed, source, ()):
            say(f"{entry.name}: done already, {before.date}")
            return before
    _make_work(work, source)
    begun = time.monotonic()
    figures = entry.load()(Given(share, seed, work, say))
    outcome = _outcome_of(entry, figures, (seed, share, source), time.monotonic() - begun)
    file.write_text(json.dumps(asdict(outcome), indent=1) + "\n")
    shutil.rmtree(work, ignore_errors=True)
    return outcome


def source_of(entry: Entry) -> str:
    """The hash of a section's own files and of the product code that it is about."""
    own = [Path(__file__).parent / "given.py"]
    own += sorted((ROOT / entry.file).parent.glob(f"{entry.name}*.py"))
    watched = [file for name in entry.watches for file in sorted((ROOT / name).rglob("*.py"))]
    digest = hashlib.sha256()
    for file in [*own, *watched]:
        digest.update(str(file.relative_to(ROOT)).encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def _make_work(work: Path, source: str) -> None:
    """Progress of other code is worth nothing."""
    mark = work / "source"
    if not mark.exists() or mark.read_text() != source:
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        mark.write_text(source)


def _outcome_of(
    entry: Entry, figures: Figures, what: tuple[int, float, str], seconds: float
) -> Outcome:
    date = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    ran = (entry.name, *what, _commit(), date, round(seconds, 1))
    return Outcome(*ran, dict(figures.counts), tuple(figures.broken))


def _outcome(read: dict[str, Any]) -> Outcome:
    return Outcome(**{**read, "broken": tuple(read["broken"])})


def _commit() -> str:
    """The commit that is checked out, and whether files differ from it; "" outside a repository."""
    words = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    told = subprocess.run(words, capture_output=True, text=True, check=False)
    return told.stdout.strip()
