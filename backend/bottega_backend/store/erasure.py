"""Erasing everything that is kept of one artist: jobs with their prompts, pixels, uploads."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bottega_backend.errors import StoreFailed
from bottega_protocol import jobs

from .blobs import account_folder

WAIT_SECONDS = 60.0
LOOK_SECONDS = 0.2
CUT_SECONDS = 2.0
"""A running server hears of a revocation and has cut every line well within this time: until then
an upload may still end, or a job be accepted."""

UNFINISHED = (
    f"SELECT COUNT(*) FROM jobs WHERE account = ? AND state IN ('{jobs.QUEUED}', '{jobs.RUNNING}')"  # noqa: S608  # our own constants
)


@dataclass(frozen=True)
class Erased:
    """What is gone: jobs, files and their bytes."""

    jobs: int
    files: int
    size: int


def erase(folder: Path, account: str, *, running: bool, seconds: float = WAIT_SECONDS) -> Erased:
    """Erase an account of this data folder; revoke it first, so that nothing new comes.

    Works beside a server (`running`): then it waits until that has cut the account's lines and
    withdrawn its jobs, and raises StoreFailed where this takes longer than `seconds`. What the
    database and its log held is overwritten (SQLite's secure_delete), files are removed; copies
    elsewhere are not.
    """
    file = folder / "bottega.sqlite3"
    gone = 0
    if file.exists():
        with closing(sqlite3.connect(file, isolation_level=None)) as base:
            base.execute("PRAGMA busy_timeout=10000")
            base.execute("PRAGMA secure_delete=ON")
            if running:
                time.sleep(CUT_SECONDS)
                _wait(base, account, seconds)
            gone = _forget(base, account)
    return Erased(gone, *_remove(folder / "blobs", account_folder(account)))


def _wait(base: sqlite3.Connection, account: str, seconds: float) -> None:
    end = time.monotonic() + seconds
    while base.execute(UNFINISHED, (account,)).fetchone()[0]:
        if time.monotonic() > end:
            raise StoreFailed(
                "The server has not let go of the artist's jobs yet.", "Try again in a minute."
            )
        time.sleep(LOOK_SECONDS)


def _forget(base: sqlite3.Connection, account: str) -> int:
    base.execute("BEGIN IMMEDIATE")
    try:
        numbers = "SELECT number FROM jobs WHERE account = ?"
        base.execute(f"DELETE FROM results WHERE number IN ({numbers})", (account,))  # noqa: S608  # our own constant
        gone = base.execute("DELETE FROM jobs WHERE account = ?", (account,)).rowcount
        for table in _tables(base):
            base.execute(f'DELETE FROM "{table}" WHERE account = ?', (account,))  # noqa: S608  # the schema's own name
        base.execute("COMMIT")
    except BaseException:
        base.execute("ROLLBACK")
        raise
    empty_log(base)
    return gone


def empty_log(base: sqlite3.Connection) -> None:
    """The write-ahead log still holds pages as they were; a reader may keep it for a moment."""
    for _ in range(20):
        busy, *_ = base.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if not busy:
            break
        time.sleep(LOOK_SECONDS)


def _tables(base: sqlite3.Connection) -> list[str]:
    """Every table with a column for accounts, those of later formats too."""
    query = (
        "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c"
        " WHERE m.type = 'table' AND c.name = 'account'"
    )
    return [name for (name,) in base.execute(query)]


def _remove(blobs: Path, owner: str) -> tuple[int, int]:
    """An account's folder of blobs, and what came of its uploads."""
    files = [path for path in (blobs / owner).rglob("*") if path.is_file()]
    files += (blobs / "incoming").glob(f"{owner}-*")
    size = 0
    for file in files:
        size += file.stat().st_size
        file.unlink(missing_ok=True)
    folders = [path for path in (blobs / owner).rglob("*") if path.is_dir()]
    for folder in (*sorted(folders, reverse=True), blobs / owner):
        if folder.is_dir():
            folder.rmdir()
    return len(files), size
