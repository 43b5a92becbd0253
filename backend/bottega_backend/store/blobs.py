"""Blobs on disk: whole files named by their SHA-256, within one account's own folder."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bottega_protocol.errors import Refusal

from .disk import Disk, RealDisk
from .names import Names

PIECE = 2**20
"""Bytes that are hashed at once when a file is read."""

PART = ".part"
"""How the name of an upload ends that may go on after its connection broke."""


class Upload:
    """A blob on its way in: a file of another name until its hash is known to be right."""

    def __init__(
        self, names: Names, temporary: Path, final: Path, over: Callable[[], float]
    ) -> None:
        """`over` is called in the end, and tells what time it is."""
        self._names = names
        self._disk = disk = names.disk
        self._temporary = temporary
        self._final = final
        self._over = over
        self._hash = hashlib.sha256()
        self.size = 0
        """Bytes that are here already: an upload that broke off goes on behind them."""
        if temporary.exists():
            self._read()
        self._file = disk.extend(temporary) if self.size else disk.create(temporary)

    def _read(self) -> None:
        for piece in _pieces(self._temporary):
            self._hash.update(piece)
            self.size += len(piece)
        if not self.size:
            self._disk.remove(self._temporary)

    def add(self, content: bytes) -> None:
        """The next piece."""
        self._hash.update(content)
        self._file.write(content)
        self.size += len(content)

    def finish(self) -> None:
        """Keep it, synced to disk; raises Refusal for bytes of another hash."""
        try:
            if self._hash.hexdigest() != self._final.name:
                raise Refusal("wrong-hash", "The bytes have another hash.", "Send them again.")
            self._file.sync()
            self._file.close()
            _stamp(self._temporary, self._over())
            self._names.settle(self._temporary, self._final)
        finally:
            self.drop()

    def drop(self) -> None:
        """Forget what has come; does nothing after a successful finish."""
        self._close()
        self._disk.remove(self._temporary)

    def leave(self) -> None:
        """The connection broke: what has come waits for another one that goes on with it.

        Nothing is synced: what a power cut leaves of it is checked by its hash in the end.
        """
        self._close()
        if self._temporary.suffix != PART:
            self._disk.remove(self._temporary)
        else:
            _stamp(self._temporary, self._over())

    def _close(self) -> None:
        # Closing writes what is left in the buffer: on a full disk it fails a second time.
        with suppress(OSError):
            self._file.close()
        self._over()


@dataclass(frozen=True)
class KeptBlob:
    """A file of the store: its account's folder, its name, when it was used.

    The name is the hash in hex; that of an upload that broke off ends in PART.
    """

    folder: str
    name: str
    path: Path
    size: int
    used: float


class Blobs:
    """Every account's blobs. All calls touch the disk: make them on the store thread."""

    def __init__(
        self, folder: Path, disk: Disk | None = None, clock: Callable[[], float] = time.time
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._disk = disk or RealDisk()
        self._incoming = folder / "incoming"
        self._open: set[Path] = set()
        self._names = Names(self._disk, folder)
        self._names.make_folder(self._incoming)
        # Of what a killed server was receiving, only what can be gone on with is worth anything.
        for left in self._incoming.iterdir():
            if left.suffix != PART:
                self._disk.remove(left)

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
        _stamp(self.path(account, sha256), self._clock())

    def everything(self) -> Iterator[KeptBlob]:
        """Every blob of every account; `used` is in seconds since 1970."""
        for path in self._folder.glob("*/??/*"):
            status = path.stat()
            yield KeptBlob(path.parts[-3], path.name, path, status.st_size, status.st_mtime)

    def held(self, account: str) -> int:
        """Bytes of everything of this account, uploads that came in part too."""
        folder = account_folder(account)
        whole = (self._folder / folder).glob("??/*")
        return sum(path.stat().st_size for path in (*whole, *self._incoming.glob(f"{folder}-*")))

    def parts(self) -> Iterator[KeptBlob]:
        """Every upload that broke off; `used` is when its last piece came."""
        for path in self._incoming.glob(f"*{PART}"):
            if path not in self._open:
                status = path.stat()
                folder, name = path.name.split("-")
                yield KeptBlob(folder, name, path, status.st_size, status.st_mtime)

    def remove(self, blob: KeptBlob) -> None:
        """Let a blob go; one that Windows still reads stays for another time."""
        with suppress(OSError):
            self._disk.remove(blob.path)

    def begin(self, account: str, sha256: bytes) -> Upload:
        """Start to take a blob in, piece by piece, or go on with one that broke off.

        Where two connections bring the same blob at once, the second begins at its beginning.
        """
        part = self._incoming / f"{account_folder(account)}-{sha256.hex()}{PART}"
        temporary = self._incoming / secrets.token_hex(16) if part in self._open else part
        self._open.add(temporary)

        def over() -> float:
            self._open.discard(temporary)
            return self._clock()

        try:
            return Upload(self._names, temporary, self.path(account, sha256), over)
        except BaseException:
            over()
            raise

    def adopt(self, account: str, sha256: bytes, file: Path) -> None:
        """Move a finished file in; raises Refusal when it does not have this hash."""
        digest = hashlib.sha256()
        for piece in _pieces(file):
            digest.update(piece)
        if digest.digest() != sha256:
            raise Refusal("wrong-hash", f"{file.name} does not have the hash {sha256.hex()}.")
        _stamp(file, self._clock())
        self._disk.sync(file)
        self._names.settle(file, self.path(account, sha256))


def account_folder(account: str) -> str:
    """A folder name for an account: any text may be one's name, not any text names a folder."""
    return hashlib.sha256(account.encode()).hexdigest()[:16]


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as content:
        while piece := content.read(PIECE):
            yield piece


def _stamp(file: Path, now: float) -> None:
    """Note in the file itself when it was used last: the store's time, not the computer's."""
    with suppress(FileNotFoundError):
        os.utime(file, (now, now))
