"""One server per data folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from bottega_backend.errors import CannotServe


@contextmanager
def own_folder(folder: Path) -> Iterator[Path]:
    """Make the data folder and hold its lock; raises CannotServe where another server has it.

    The lock dies with its process: nothing has to be cleaned up after a kill.
    """
    folder = folder.absolute()
    lock = FileLock(folder / "lock")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise CannotServe(
            f"Another server uses the data folder {folder}.",
            "Use that one, stop it, or choose another folder with --data.",
        ) from error
    except OSError as error:
        raise CannotServe(
            f"The data folder {folder} can't be used: {error}.", "Choose another with --data."
        ) from error
    try:
        yield folder
    finally:
        lock.release()
