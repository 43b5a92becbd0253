"""What a section of the faults run is given, and what it gives back."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Given:
    """How much to do, and where.

    `share` (0..1) is the part of the full counts; `folder` is the section's own and stays until
    it is done, so that a long section that was interrupted finds what it kept there.
    """

    share: float
    seed: int
    folder: Path
    say: Callable[[str], None]

    def count(self, full: int, least: int = 1) -> int:
        """How many of a full count are due, at least so many."""
        return max(least, min(full, round(full * self.share)))

    def random(self, *names: object) -> random.Random:
        """Randomness that depends on the seed and on what it is for, on nothing else."""
        return random.Random(":".join(map(str, (self.seed, *names))))

    def kept(self, name: str) -> Any:
        """What an interrupted run of this section had kept under this name, if anything."""
        file = self.folder / f"{name}.json"
        return json.loads(file.read_text()) if file.exists() else None

    def keep(self, name: str, value: Any) -> None:
        """Keep progress: whatever JSON can say."""
        file = self.folder / f"{name}.json"
        part = file.with_suffix(".part")
        part.write_text(json.dumps(value))
        part.replace(file)


@dataclass(frozen=True)
class Figures:
    """What was counted, and in sentences what did not hold: none when all did."""

    counts: dict[str, int | float | str]
    broken: tuple[str, ...] = ()


Section = Callable[[Given], Figures]
