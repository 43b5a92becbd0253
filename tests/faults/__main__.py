"""`python -m faults [NAME ...] [--share 1.0] [--seed 1] [--again] [--report]`, by `make faults`."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime

from .report import render
from .results import run
from .table import SECTIONS


def main() -> int:
    """Run sections, then write the report; 1 where something did not hold."""
    options = _options()
    chosen = [entry for entry in SECTIONS if not options.names or entry.name in options.names]
    failed = 0
    for entry in [] if options.report else chosen:
        outcome = run(entry, options.share, options.seed, _say, again=options.again)
        _say(f"{entry.name}: {outcome.seconds:g} s, {outcome.counts}")
        for sentence in outcome.broken:
            _say(f"{entry.name}: DID NOT HOLD: {sentence}")
        failed += bool(outcome.broken)
        render()
    if options.report:
        render()
    return 1 if failed else 0


def _options() -> argparse.Namespace:
    names = [entry.name for entry in SECTIONS]
    parser = argparse.ArgumentParser(prog="faults", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *names], help="sections; all by default")
    parser.add_argument("--share", type=float, default=1.0, help="of the full counts, 0 to 1")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--again", action="store_true", help="though nothing has changed")
    parser.add_argument("--report", action="store_true", help="only write docs/faults.md anew")
    return parser.parse_args()


def _say(line: str) -> None:
    now = datetime.now(UTC).strftime("%H:%M:%S")
    sys.stdout.write(f"{now} {line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
