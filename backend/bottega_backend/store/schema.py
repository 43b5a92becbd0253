"""The journal's tables, their number, and how a file of an older number becomes one of this."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from bottega_backend.errors import StoreFailed

JOBS = """
CREATE TABLE jobs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL,
    job BLOB NOT NULL,
    submit BLOB NOT NULL,
    version INTEGER NOT NULL,
    state TEXT NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0,
    strikes INTEGER NOT NULL DEFAULT 0,
    reserved INTEGER NOT NULL,
    submitted REAL NOT NULL,
    document TEXT NOT NULL,
    capability TEXT NOT NULL,
    prompt TEXT NOT NULL,
    count INTEGER NOT NULL,
    words TEXT NOT NULL,
    started REAL,
    ended REAL,
    answer BLOB,
    acknowledged INTEGER NOT NULL DEFAULT 0,
    UNIQUE (account, job)
)
"""
RESULTS = """
CREATE TABLE results (
    number INTEGER NOT NULL REFERENCES jobs (number),
    sha256 BLOB NOT NULL,
    fetched INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (number, sha256)
)
"""
CLOCK = "CREATE TABLE clock (one INTEGER PRIMARY KEY CHECK (one = 1), now REAL NOT NULL)"
"""What the store's own clock showed last (clock.py)."""

USAGE = """
CREATE TABLE usage (account TEXT PRIMARY KEY, seconds REAL NOT NULL, at REAL NOT NULL)
"""
"""Device seconds of each account as they counted at a time."""

TABLES = (
    JOBS,
    "CREATE INDEX jobs_by_state ON jobs (state)",
    RESULTS,
    "CREATE INDEX results_by_blob ON results (sha256)",
    CLOCK,
    USAGE,
)

FORMAT = 3
"""The schema's number, in the file as SQLite's user_version."""

MIGRATIONS: dict[int, tuple[str, ...]] = {2: (CLOCK, USAGE)}
"""What makes a file of this number one of the next."""

SETTINGS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000")


def prepare(base: sqlite3.Connection, file: Path) -> None:
    """Make the tables, or bring older ones up to date: all of it, or nothing.

    Raises StoreFailed for a file of a number that this version does not know; it is left alone.
    """
    known = base.execute("SELECT 1 FROM sqlite_master WHERE name = 'jobs'").fetchone()
    (number,) = base.execute("PRAGMA user_version").fetchone()
    if known and number != FORMAT and number not in MIGRATIONS:
        raise StoreFailed(
            f"{file} is the journal of another version of Bottega.",
            "Start that version, or choose another data folder with --data.",
        )
    for setting in SETTINGS:
        base.execute(f"PRAGMA {setting}")
    base.execute("BEGIN IMMEDIATE")
    try:
        for statement in _missing(number) if known else TABLES:
            base.execute(statement)
        base.execute(f"PRAGMA user_version = {FORMAT}")
        base.execute("COMMIT")
    except BaseException:
        if base.in_transaction:
            base.execute("ROLLBACK")
        raise


def _missing(number: int) -> list[str]:
    steps = range(number, FORMAT)
    return [statement for step in steps for statement in MIGRATIONS[step]]
