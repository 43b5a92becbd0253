"""Blobs on disk: whole files named by their SHA-256, within one account's own folder."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bottega_protocol.errors import Refusal

PIECE = 2**20
"""Bytes that are hashed at once when a file is taken in."""


class Upload:
    """A blob on its way in: a temporary file until its hash is known to be right."""

    def __init__(self, temporary: Path, final: Path, sha256: bytes) -> None:
        self._temporary = temporary
        self._final = final
        self._sha256 = sha256
        self._hash = hashlib.sha256()
        self._file: BinaryIO = temporary.open("xb")

    def add(self, content: bytes) -> None:
        """The next piece."""
        self._hash.update(content)
        self._file.write(content)

    def finish(self) -> None:
        """Keep it, synced to disk; raises Refusal for bytes of another hash."""
        try:
            if self._hash.digest() != self._sha256:
                raise Refusal("wrong-hash", "The bytes have another hash.", "Send them again.")
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            _settle(self._temporary, self._final)
        finally:
            self.drop()

    def drop(self) -> None:
        """Forget what has come; does nothing after a successful finish."""
        # Closing writes what is left in the buffer: on a full disk it fails a second time.
        with suppress(OSError):
            self._file.close()
        self._temporary.unlink(missing_ok=True)


@dataclass(frozen=True)
class KeptBlob:
    """A file of the store: its account's folder, its name (the hash in hex), when it was used."""

    folder: str
    name: str
    path: Path
    size: int
    used: float


class Blobs:
    """Every account's blobs. All calls touch the disk: make them on the store thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._incoming = folder / "incoming"
        _make_folder(self._incoming)
        # What a server that was killed had not finished is worth nothing.
        for left in self._incoming.iterdir():
            left.unlink()

    def path(self, account: str, sha256: bytes) -> Path:
        """Where this account's blob with this hash lies, if it has one."""
        name = sha256.hex()
        return self._folder / account_folder(account) / name[:2] / name

    def size(self, account: str, sha256: bytes) -> int | None:
        """How many bytes this account's blob has; None where it has no such blob."""
        try:
            return self.path(account, sha256).stat().st_size
        except FileNotFoundError:
            return None

    def used(self, account: str, sha256: bytes) -> None:
        """Somebody counts on this blob: it is not old."""
        with suppress(FileNotFoundError):
            os.utime(self.path(account, sha256))

    def everything(self) -> Iterator[KeptBlob]:
        """Every blob of every account; `used` is in seconds since 1970."""
        for path in self._folder.glob("*/??/*"):
            status = path.stat()
            yield KeptBlob(path.parts[-3], path.name, path, status.st_size, status.st_mtime)

    def remove(self, blob: KeptBlob) -> None:
        """Let a blob go; one that Windows still reads stays for another time."""
        with suppress(OSError):
            blob.path.unlink()

    def begin(self, account: str, sha256: bytes) -> Upload:
        """Start to take a blob in, piece by piece."""
        temporary = self._incoming / secrets.token_hex(16)
        return Upload(temporary, self.path(account, sha256), sha256)

    def adopt(self, account: str, sha256: bytes, file: Path) -> None:
        """Move a finished file in; raises Refusal when it does not have this hash."""
        digest = hashlib.sha256()
        with file.open("r+b") as content:  # Windows syncs no file that is open for reading only
            while piece := content.read(PIECE):
                digest.update(piece)
            if digest.digest() != sha256:
                raise Refusal("wrong-hash", f"{file.name} does not have the hash {sha256.hex()}.")
            os.fsync(content.fileno())
        _settle(file, self.path(account, sha256))


def account_folder(account: str) -> str:
    """A folder name for an account: any text may be one's name, not any text names a folder."""
    return hashlib.sha256(account.encode()).hexdigest()[:16]


def _settle(temporary: Path, final: Path) -> None:
    """Give a synced file its name, and sync the name."""
    _make_folder(final.parent)
    temporary.replace(final)
    _sync_folder(final.parent)


def _make_folder(folder: Path) -> None:
    """Make a folder and what it lies in, each synced into its parent."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows can't open a folder; its rename is journalled
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
