"""The journal of jobs: what was accepted, where it stands, how it ended. SQLite, synced."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bottega_protocol import jobs
from bottega_protocol.codec import decode, encode_message
from bottega_protocol.messages import (
    CLIENT_MESSAGES,
    SERVER_MESSAGES,
    Cancelled,
    Failed,
    Finished,
    JobSummary,
    Submit,
)
from bottega_protocol.requests import capability_of
from bottega_protocol.schema import Record
from bottega_protocol.version import VERSIONS

from .blobs import account_folder
from .schema import prepare

Answer = Finished | Failed | Cancelled
"""The terminal record of a job, as it is told to its owner."""

STATE_OF: dict[type[Record], str] = {
    Finished: jobs.FINISHED,
    Failed: jobs.FAILED,
    Cancelled: jobs.CANCELLED,
}

MOST_SHOWN = 120
"""Characters of a prompt in a list."""

COLUMNS = "number, account, submit, version, state, attempt, strikes, submitted, answer"
FETCHED = "acknowledged OR (SELECT MIN(fetched) FROM results WHERE results.number = jobs.number)"
LISTED = f"SELECT job, document, capability, prompt, state, submitted, {FETCHED}, count FROM jobs"  # noqa: S608  # our own constants
UNFINISHED = f"('{jobs.QUEUED}', '{jobs.RUNNING}')"


def _connect(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(file, isolation_level=None)


@dataclass(frozen=True)
class KeptJob:
    """One row: `number` is its place in the order of acceptance, `submitted` seconds since 1970."""

    number: int
    account: str
    submit: Submit
    state: str
    attempt: int
    strikes: int
    submitted: float
    answer: Answer | None


@dataclass(frozen=True)
class EndedJob:
    """A job that has ended, in whatever way; `ended` is in seconds since 1970."""

    number: int
    ended: float
    fetched: bool


@dataclass(frozen=True)
class Search:
    """Which jobs: every word stands in the prompt, in any case; and of this document, if any."""

    words: tuple[str, ...] = ()
    document: str = ""

    def condition(self) -> tuple[str, list[str]]:
        """What follows WHERE account = ?, and its values."""
        words = [word.casefold() for word in self.words]
        where = " AND instr(words, ?)" * len(words)
        if self.document:
            return f"{where} AND document = ?", [*words, self.document]
        return where, words


EVERYTHING = Search()


class Journal:
    """The database of one data folder. One thread makes every call; each commits before it returns.

    Raises sqlite3.Error when the disk does not take a change; then nothing has changed. A file of
    an older format is brought up to date, one of an unknown format refused (StoreFailed) and left
    as it is. `now` says when a job was submitted and began, `clock` when it ended: what is kept is
    counted from there.
    """

    def __init__(
        self,
        file: Path,
        now: Callable[[], float] = time.time,
        connect: Callable[[Path], sqlite3.Connection] = _connect,
    ) -> None:
        self._now = now
        self.clock: Callable[[], float] = now
        self._base = connect(file)
        try:
            prepare(self._base, file)
        except BaseException:
            self._base.close()
            raise

    def close(self) -> None:
        """Close the database; what was committed is in it."""
        self._base.close()

    # --- accepting ---------------------------------------------------------------------------

    def accept(self, account: str, submit: Submit, reserved: int) -> KeptJob:
        """Write a job down, unless this account has one with this id; gives the one that counts."""
        asked = submit.request
        row = {
            "account": account,
            "job": submit.job,
            "submit": _pack(submit, CLIENT_MESSAGES),
            "version": VERSIONS[-1],
            "state": jobs.QUEUED,
            "reserved": reserved,
            "submitted": self._now(),
            "document": submit.document,
            "capability": capability_of(asked),
            "prompt": asked.prompt[:MOST_SHOWN],
            "count": asked.count,
            "words": asked.prompt.casefold(),
        }
        names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
        with self._change():
            self._base.execute(f"INSERT OR IGNORE INTO jobs ({names}) VALUES ({values})", row)  # noqa: S608  # our own names
        kept = self.find(account, submit.job)
        if kept is None:
            raise sqlite3.DatabaseError("a row that was just written is not there")
        return kept

    def find(self, account: str, job: bytes) -> KeptJob | None:
        """The job of this account with this id."""
        rows = self._select("WHERE account = ? AND job = ?", account, job)
        return rows[0] if rows else None

    def reserved(self) -> int:
        """Bytes that the unfinished jobs' results may still need."""
        query = f"SELECT COALESCE(SUM(reserved), 0) FROM jobs WHERE state IN {UNFINISHED}"  # noqa: S608  # our own constants
        return int(self._base.execute(query).fetchone()[0])

    # --- running -----------------------------------------------------------------------------

    def recover(self) -> list[KeptJob]:
        """After a start: what was running is queued again; gives all that is queued, in order."""
        with self._change():
            self._base.execute(
                "UPDATE jobs SET state = ? WHERE state = ?", (jobs.QUEUED, jobs.RUNNING)
            )
        return self._select("WHERE state = ? ORDER BY number", jobs.QUEUED)

    def begin(self, number: int) -> int:
        """A queued job runs; gives the number of this attempt, from 1."""
        with self._change():
            self._move(number, jobs.RUNNING)
            self._base.execute(
                "UPDATE jobs SET attempt = attempt + 1, started = ? WHERE number = ?",
                (self._now(), number),
            )
            row = self._base.execute("SELECT attempt FROM jobs WHERE number = ?", (number,))
            return int(row.fetchone()[0])

    def requeue(self, number: int, strikes: int) -> None:
        """A running job's worker is gone: back to the queue."""
        with self._change():
            self._move(number, jobs.QUEUED)
            self._base.execute("UPDATE jobs SET strikes = ? WHERE number = ?", (strikes, number))

    def end(self, number: int, attempt: int, answer: Answer) -> bool:
        """Write the terminal record; False where this attempt does not count any more."""
        with self._change():
            state, current = self._standing(number)
            if state in jobs.TERMINAL or attempt != current:
                return False
            self._move(number, STATE_OF[type(answer)])
            self._base.execute(
                "UPDATE jobs SET answer = ?, ended = ? WHERE number = ?",
                (_pack(answer, SERVER_MESSAGES), self.clock(), number),
            )
            if isinstance(answer, Finished):
                self._name_blobs(number, answer)
        return True

    def _name_blobs(self, number: int, answer: Finished) -> None:
        blobs = {image.sha256 for image in answer.result.images()}
        self._base.executemany(
            "INSERT INTO results (number, sha256) VALUES (?, ?)",
            [(number, sha256) for sha256 in blobs],
        )

    # --- afterwards --------------------------------------------------------------------------

    def page(
        self, account: str, skip: int, most: int, which: Search = EVERYTHING
    ) -> tuple[JobSummary, ...]:
        """The jobs of this account, newest first."""
        where, values = which.condition()
        query = f"{LISTED} WHERE account = ?{where} ORDER BY number DESC LIMIT ? OFFSET ?"
        rows = self._base.execute(query, (account, *values, most, skip))
        return tuple(_summary(row) for row in rows)

    def acknowledge(self, account: str, job: bytes) -> bool:
        """The owner has placed the result; False where there is no such job."""
        change = "UPDATE jobs SET acknowledged = 1 WHERE account = ? AND job = ?"
        with self._change():
            return self._base.execute(change, (account, job)).rowcount > 0

    def fetched(self, account: str, sha256: bytes) -> None:
        """The owner has this blob, of whichever results name it."""
        with self._change():
            self._base.execute(
                "UPDATE results SET fetched = 1 WHERE sha256 = ?"
                " AND number IN (SELECT number FROM jobs WHERE account = ?)",
                (sha256, account),
            )

    # --- keeping -----------------------------------------------------------------------------

    def count(self, account: str) -> int:
        """How many jobs of this account are kept, ended or not."""
        query = "SELECT COUNT(*) FROM jobs WHERE account = ?"
        return int(self._base.execute(query, (account,)).fetchone()[0])

    def ended(self, account: str | None = None) -> list[EndedJob]:
        """Every job, or one account's, that has ended; one without a result counts as fetched."""
        when = "COALESCE(ended, submitted)"
        query = f"SELECT number, {when}, {FETCHED} FROM jobs WHERE answer IS NOT NULL"  # noqa: S608  # our own constants
        rows = self._base.execute(f"{query} AND account = COALESCE(?, account)", (account,))
        return [EndedJob(number, ended, fetched != 0) for number, ended, fetched in rows]

    def named(self) -> Iterator[tuple[int, tuple[str, str]]]:
        """Which job counts on which blob: its account's folder and its name there."""
        query = "SELECT number, account, sha256 FROM results JOIN jobs USING (number)"
        for number, account, sha256 in self._base.execute(query):
            yield number, (account_folder(account), sha256.hex())
        for kept in self._select(f"WHERE state IN {UNFINISHED}"):
            for image in kept.submit.request.images():
                yield kept.number, (account_folder(kept.account), image.sha256.hex())

    def kept_clock(self) -> float | None:
        """What the store's clock showed when it was last kept."""
        row = self._base.execute("SELECT now FROM clock").fetchone()
        return None if row is None else float(row[0])

    def keep_clock(self, now: float) -> None:
        """Write down what the store's clock shows."""
        with self._change():
            self._base.execute("REPLACE INTO clock (one, now) VALUES (1, ?)", (now,))

    def forget(self, numbers: Sequence[int]) -> None:
        """Strike ended jobs out."""
        rows = [(number,) for number in numbers]
        with self._change():
            self._base.executemany("DELETE FROM results WHERE number = ?", rows)
            self._base.executemany("DELETE FROM jobs WHERE number = ? AND answer IS NOT NULL", rows)

    # --- device time -------------------------------------------------------------------------

    def usage(self) -> dict[str, tuple[float, float]]:
        """Device seconds of each account, and when by `clock` they counted for so much."""
        rows = self._base.execute("SELECT account, seconds, at FROM usage")
        return {account: (seconds, at) for account, seconds, at in rows}

    def keep_usage(self, had: Mapping[str, float]) -> None:
        """Device seconds of each account as they count now; who is not named had none.

        An account without a job here is passed over: it may have been erased meanwhile.
        """
        now = self.clock()
        with self._change():
            self._base.execute("DELETE FROM usage")
            self._base.executemany(
                "INSERT INTO usage (account, seconds, at) SELECT ?1, ?2, ?3"
                " WHERE EXISTS (SELECT 1 FROM jobs WHERE account = ?1)",
                [(account, seconds, now) for account, seconds in had.items()],
            )

    # --- inside ------------------------------------------------------------------------------

    @contextmanager
    def _change(self) -> Iterator[None]:
        """One transaction: all of it on disk, or none of it."""
        self._base.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._base.execute("COMMIT")
        except BaseException:
            # A failed COMMIT may have rolled back by itself already.
            if self._base.in_transaction:
                self._base.execute("ROLLBACK")
            raise

    def _standing(self, number: int) -> tuple[str, int]:
        query = "SELECT state, attempt FROM jobs WHERE number = ?"
        state, attempt = self._base.execute(query, (number,)).fetchone()
        return state, attempt

    def _move(self, number: int, after: str) -> None:
        before, _ = self._standing(number)
        change = "UPDATE jobs SET state = ? WHERE number = ?"
        self._base.execute(change, (jobs.move(before, after), number))

    def _select(self, where: str, *values: object) -> list[KeptJob]:
        query = f"SELECT {COLUMNS} FROM jobs {where}"  # noqa: S608  # our own constants
        return [_kept(row) for row in self._base.execute(query, values)]


def _pack(message: Record, names: dict[str, type[Record]]) -> bytes:
    return encode_message(message, names, VERSIONS[-1])


def _summary(row: tuple[Any, ...]) -> JobSummary:
    job, document, capability, prompt, state, submitted, fetched, count = row
    about = (document, capability, prompt, state)
    return JobSummary(job, *about, submitted, bool(fetched), count)


def _kept(row: tuple[Any, ...]) -> KeptJob:
    number, account, submit, version, state, attempt, strikes, submitted, packed = row
    answer: Any = None if packed is None else decode(packed, SERVER_MESSAGES, version)
    asked: Any = decode(submit, CLIENT_MESSAGES, version)
    return KeptJob(number, account, asked, state, attempt, strikes, submitted, answer)
