"""Who may come in: artists, what proves them, and invitations. SQLite, synced; two may write.

The command line changes it while the server runs or not; the server sees by `version` that
somebody did. No token lies here, only what checks one (bottega_protocol.scram.Verifier).
"""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bottega_backend.errors import StoreFailed
from bottega_protocol.errors import BottegaError
from bottega_protocol.invitation import SECRET_BYTES, account_of, token_of
from bottega_protocol.scram import Verifier, make_verifier

from .erasure import empty_log

ARTISTS_FILE = "artists.sqlite"
MINUTES = 10
"""How long an invitation is good."""

MOST_NAME = 64
MOST_KEYS = 32
"""Tokens of one artist: one for each program that redeemed an invitation."""

RESERVED = ("local", "invitation")
TOKEN_BYTES = 32
SALT_BYTES = 16
SLACK_SECONDS = 60.0
"""An invitation of the future, because the clock was set back, is good for nothing."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS artists (
    account TEXT PRIMARY KEY,
    folded TEXT NOT NULL UNIQUE,
    made REAL NOT NULL,
    revoked REAL,
    quota TEXT NOT NULL DEFAULT '{}'
);
CREATE TABLE IF NOT EXISTS keys (
    login TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES artists (account) ON DELETE CASCADE,
    program TEXT NOT NULL,
    made REAL NOT NULL,
    seen REAL NOT NULL,
    salt BLOB NOT NULL,
    iterations INTEGER NOT NULL,
    stored_key BLOB NOT NULL,
    server_key BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS invitations (
    login TEXT PRIMARY KEY,
    account TEXT NOT NULL REFERENCES artists (account) ON DELETE CASCADE,
    made REAL NOT NULL,
    expires REAL NOT NULL,
    salt BLOB NOT NULL,
    iterations INTEGER NOT NULL,
    stored_key BLOB NOT NULL,
    server_key BLOB NOT NULL
);
"""
FORMAT = 1
"""The schema's number, in the file as SQLite's user_version."""

SETTINGS = (
    *("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000"),
    "secure_delete=ON",  # an artist that was erased leaves no name behind
)
PROOF = "salt, iterations, stored_key, server_key"


class ArtistsError(BottegaError):
    """What was asked of the list of artists can't be done; the message says why."""

    code = "artists"


@dataclass(frozen=True)
class Artist:
    """One line of the list. Times are in seconds since 1970; `quota` overrides limits."""

    account: str
    made: float
    revoked: float | None
    quota: Mapping[str, float]
    keys: int
    seen: float | None
    invited: bool


@dataclass(frozen=True)
class Door:
    """What opens for one login: whose it is, what checks it, and from when until when."""

    account: str
    verifier: Verifier
    begins: float = 0.0
    ends: float = float("inf")

    def good(self, now: float) -> bool:
        """Whether it opens at this moment."""
        return self.begins <= now < self.ends


@dataclass(frozen=True)
class Known:
    """Everything at one moment, as the server needs it: logins, and limits by account."""

    doors: Mapping[str, Door] = field(default_factory=dict)
    quotas: Mapping[str, Mapping[str, float]] = field(default_factory=dict)


def check_name(name: str) -> str:
    """The name as it is kept; raises ArtistsError for one that can't be an artist's."""
    name = unicodedata.normalize("NFC", name)
    if not 0 < len(name) <= MOST_NAME or not name.isprintable() or name != name.strip():
        raise ArtistsError(
            f"An artist's name has 1 to {MOST_NAME} printable characters, none of them a space "
            "at its ends.",
            "Choose another.",
        )
    if ":" in name or name.startswith("-") or _folded(name) in RESERVED:
        raise ArtistsError(
            "A name has no colon, does not begin with a dash, and is neither of: "
            f"{', '.join(RESERVED)}.",
            "Choose another.",
        )
    return name


def _folded(name: str) -> str:
    """What two names share that people would take for the same."""
    return unicodedata.normalize("NFKC", name).casefold()


class Artists:
    """The list of one data folder. One thread makes every call; each commits before it returns.

    Raises sqlite3.Error where the disk fails, StoreFailed for a file of another format.
    """

    def __init__(self, folder: Path, now: Callable[[], float] = time.time) -> None:
        self._now = now
        file = folder / ARTISTS_FILE
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # SQLite gives its other files the modes of this one.
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600))
        self._base = sqlite3.connect(file, isolation_level=None)
        try:
            self._open(file)
        except BaseException:
            self._base.close()
            raise

    def _open(self, file: Path) -> None:
        for setting in SETTINGS:
            self._base.execute(f"PRAGMA {setting}")
        (format_,) = self._base.execute("PRAGMA user_version").fetchone()
        if format_ not in (0, FORMAT):
            raise StoreFailed(
                f"{file} is of format {format_}; this Bottega knows {FORMAT}.",
                "Use the Bottega that made it, or another data folder.",
            )
        if format_ == 0:
            self._base.executescript(f"{SCHEMA} PRAGMA user_version = {FORMAT};")

    def close(self) -> None:
        """Close the database; what was committed is in it."""
        self._base.close()

    # --- reading -----------------------------------------------------------------------------

    def version(self) -> int:
        """Another number whenever another connection has changed something."""
        (number,) = self._base.execute("PRAGMA data_version").fetchone()
        return int(number)

    def known(self) -> Known:
        """Every login that opens now or might, and the quotas of those who may come."""
        doors = {
            login: Door(account, Verifier(*proof))
            for login, account, *proof in self._base.execute(
                f"SELECT login, account, {PROOF} FROM keys"  # noqa: S608  # our own constant
            )
        }
        for login, account, made, expires, *proof in self._base.execute(
            f"SELECT login, account, made, expires, {PROOF} FROM invitations"  # noqa: S608
        ):
            doors[login] = Door(account, Verifier(*proof), made - SLACK_SECONDS, expires)
        quotas = self._base.execute("SELECT account, quota FROM artists WHERE revoked IS NULL")
        return Known(doors, {account: json.loads(quota) for account, quota in quotas})

    def everyone(self) -> list[Artist]:
        """The list, by name; those whose access was taken back too."""
        rows = self._base.execute(
            "SELECT account, made, revoked, quota,"
            " (SELECT COUNT(*) FROM keys WHERE keys.account = artists.account),"
            " (SELECT MAX(seen) FROM keys WHERE keys.account = artists.account),"
            " EXISTS (SELECT 1 FROM invitations WHERE invitations.account = artists.account"
            " AND made - :slack <= :now AND :now < expires)"
            " FROM artists ORDER BY folded",
            {"now": self._now(), "slack": SLACK_SECONDS},
        )
        return [
            Artist(account, made, revoked, json.loads(quota), keys, seen, bool(invited))
            for account, made, revoked, quota, keys, seen, invited in rows
        ]

    def find(self, name: str) -> Artist:
        """One of the list, in whatever case it was typed; raises ArtistsError for nobody."""
        folded = _folded(name)
        for artist in self.everyone():
            if _folded(artist.account) == folded:
                return artist
        raise ArtistsError(
            f"There is no artist {name!r:.80}.", "See who is there with: bottega artists list"
        )

    # --- changing ----------------------------------------------------------------------------

    def add(self, name: str) -> bytes:
        """Write a new artist down and invite; gives the invitation's secret.

        One whose access was taken back comes in again, and finds what is still kept of him.
        Raises ArtistsError for a name that is taken.
        """
        account = check_name(name)
        with self._change():
            row = self._base.execute(
                "SELECT account, revoked FROM artists WHERE folded = ?", (_folded(account),)
            ).fetchone()
            if row is not None and row[1] is None:
                raise ArtistsError(
                    f"There is an artist {row[0]} already.",
                    f"For another program or computer of the same artist: "
                    f"bottega artists invite {row[0]}",
                )
            if row is not None:
                account = row[0]
                self._base.execute(
                    "UPDATE artists SET revoked = NULL WHERE account = ?", (account,)
                )
            else:
                self._base.execute(
                    "INSERT INTO artists (account, folded, made) VALUES (?, ?, ?)",
                    (account, _folded(account), self._now()),
                )
            return self._invite(account)

    def invite(self, name: str) -> bytes:
        """Another invitation for one of the list; earlier ones stay good for their time."""
        # In one turn with the look: else somebody revoked in between would be invited all the same.
        with self._change():
            artist = self.find(name)
            if artist.revoked is not None:
                raise ArtistsError(
                    f"The access of {artist.account} was taken back.",
                    f"To let the artist in again: bottega artists add {artist.account}",
                )
            if artist.keys >= MOST_KEYS:
                raise ArtistsError(
                    f"{artist.account} has {artist.keys} tokens, as many as one may have.",
                    f"Take them back with: bottega artists revoke {artist.account}; then add "
                    "again.",
                )
            return self._invite(artist.account)

    def _invite(self, account: str) -> bytes:
        secret, now = secrets.token_bytes(SECRET_BYTES), self._now()
        self._forget_expired(now)
        row = (account_of(secret), account, now, now + 60 * MINUTES, *_proof(token_of(secret)))
        self._base.execute(
            f"INSERT INTO invitations (login, account, made, expires, {PROOF})"  # noqa: S608
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )
        return secret

    def redeem(self, invitation: str, program: str) -> tuple[str, str] | None:
        """Use an invitation up: a new login and its token, or nothing where it is not good."""
        with self._change():
            now = self._now()
            self._forget_expired(now)
            row = self._base.execute(
                "DELETE FROM invitations WHERE login = ? RETURNING account", (invitation,)
            ).fetchone()
            if row is None:
                return None
            token = secrets.token_urlsafe(TOKEN_BYTES)
            login = f"{row[0]}:{secrets.token_hex(4)}"
            self.add_key(row[0], login, token, program)
        return login, token

    def add_key(self, account: str, login: str, token: str, program: str = "") -> None:
        """Let this token prove an artist under this login."""
        now = self._now()
        row = (login, account, program[:200], now, now, *_proof(token))
        self._base.execute(
            f"INSERT INTO keys (login, account, program, made, seen, {PROOF})"  # noqa: S608
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )

    def _forget_expired(self, now: float) -> None:
        self._base.execute(
            "DELETE FROM invitations WHERE expires <= ? OR made > ?", (now, now + SLACK_SECONDS)
        )

    def revoke(self, name: str) -> str:
        """Take every token and invitation of an artist back; gives the account."""
        account = self.find(name).account
        with self._change():
            self._shut(account)
            self._base.execute(
                "UPDATE artists SET revoked = ? WHERE account = ?", (self._now(), account)
            )
        return account

    def remove(self, name: str) -> str:
        """As `revoke`, and the name is free again, and in the file no more; gives the account."""
        account = self.find(name).account
        with self._change():
            self._shut(account)
            self._base.execute("DELETE FROM artists WHERE account = ?", (account,))
        empty_log(self._base)
        return account

    def _shut(self, account: str) -> None:
        self._base.execute("DELETE FROM keys WHERE account = ?", (account,))
        self._base.execute("DELETE FROM invitations WHERE account = ?", (account,))

    def set_quota(self, name: str, quota: Mapping[str, float]) -> str:
        """What this artist may have in place of what everybody may; gives the account."""
        account = self.find(name).account
        with self._change():
            self._base.execute(
                "UPDATE artists SET quota = ? WHERE account = ?",
                (json.dumps(dict(quota)), account),
            )
        return account

    def saw(self, login: str) -> None:
        """Somebody came in with this login."""
        with self._change():
            self._base.execute("UPDATE keys SET seen = ? WHERE login = ?", (self._now(), login))

    @contextmanager
    def _change(self) -> Iterator[None]:
        self._base.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._base.execute("ROLLBACK")
            raise
        self._base.execute("COMMIT")


def _proof(token: str) -> tuple[bytes, int, bytes, bytes]:
    """What is kept of a token, as columns."""
    made = make_verifier(token, secrets.token_bytes(SALT_BYTES))
    return made.salt, made.iterations, made.stored_key, made.server_key
