"""What the store does to a disk that must survive a power cut: each verb by itself, and synced."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO, Protocol


class DiskFile(Protocol):
    """A file that is being written."""

    def write(self, content: bytes) -> None:
        """Add bytes at its end."""
        ...

    def sync(self) -> None:
        """Return when every byte so far is on the disk; not its name."""
        ...

    def close(self) -> None:
        """Done with it; says nothing of what is on the disk."""
        ...


class Disk(Protocol):
    """The verbs; every one raises OSError where the disk refuses."""

    def create(self, path: Path) -> DiskFile:
        """A new file; there must be none of this name."""
        ...

    def extend(self, path: Path) -> DiskFile:
        """A file that is there, to be written on at its end."""
        ...

    def sync(self, path: Path) -> None:
        """Return when every byte of a file is on the disk."""
        ...

    def make_folder(self, path: Path) -> None:
        """A folder, where there is none yet."""
        ...

    def rename(self, before: Path, after: Path) -> None:
        """Another name, at once; what had it is gone."""
        ...

    def remove(self, path: Path) -> None:
        """Take a file away, if it is there."""
        ...

    def sync_folder(self, path: Path) -> None:
        """Return when the names in a folder are on the disk."""
        ...


class RealFile:
    """A file of the operating system."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, content: bytes) -> None:
        self._file.write(content)

    def sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


class RealDisk:
    """The operating system's."""

    def create(self, path: Path) -> DiskFile:
        return RealFile(path.open("xb"))

    def extend(self, path: Path) -> DiskFile:
        return RealFile(path.open("ab"))

    def sync(self, path: Path) -> None:
        with path.open("r+b") as file:  # Windows syncs no file that is open for reading only
            os.fsync(file.fileno())

    def make_folder(self, path: Path) -> None:
        path.mkdir(exist_ok=True)

    def rename(self, before: Path, after: Path) -> None:
        before.replace(after)

    def remove(self, path: Path) -> None:
        path.unlink(missing_ok=True)

    def sync_folder(self, path: Path) -> None:
        if os.name == "nt":  # Windows can't open a folder; its rename is journalled
            return
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
