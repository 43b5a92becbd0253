"""How much of codec and session the mutants reach: branches, counted by coverage.py."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import bottega_protocol

from .fuzz_codec import fuzz_codec, fuzz_sessions
from .fuzz_pairs import fuzz_pairs

WATCHED = ("codec.py", "session.py", "transfers.py", "schema.py")
ENOUGH = {"codec.py": 95.0, "session.py": 95.0}


def reach(folder: Path, count: int, seed: int) -> dict[str, float]:
    """Percent of lines and branches, by file, that so many inputs of each kind reach."""
    package = Path(bottega_protocol.__file__).parent
    data, told = folder / "reach.data", folder / "reach.json"
    coverage = [sys.executable, "-m", "coverage"]
    include = ",".join(str(package / name) for name in WATCHED)
    work = ["-m", "faults.sections.fuzz_reach", str(count), str(seed)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    for words in (
        [*coverage, "run", "--branch", f"--data-file={data}", f"--include={include}", *work],
        [*coverage, "json", f"--data-file={data}", "-o", str(told)],
    ):
        subprocess.run(words, check=True, capture_output=True, env=environment)
    files = json.loads(told.read_text())["files"]
    return {
        Path(name).name: round(found["summary"]["percent_covered"], 1)
        for name, found in files.items()
    }


def main() -> None:
    """What is run under coverage."""
    count, seed = int(sys.argv[1]), int(sys.argv[2])
    for fuzz in (fuzz_codec, fuzz_sessions, fuzz_pairs):
        fuzz(count, random.Random(seed))


if __name__ == "__main__":
    main()
