"""One server per data folder, and one command at a time that may start one for itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from bottega_backend.errors import CannotServe

LOOK_SECONDS = 0.5
"""Whoever only looks whether a server runs (`is_served`) holds its lock for much less."""


@contextmanager
def own_folder(folder: Path) -> Iterator[Path]:
    """Make the data folder and hold its lock; raises CannotServe where another server has it.

    The lock dies with its process: nothing has to be cleaned up after a kill.
    """
    folder = folder.absolute()
    lock = _lock_in(folder, "lock")
    if not _taken(lock, LOOK_SECONDS):
        raise CannotServe(
            f"Another server uses the data folder {folder}.",
            "Use that one, stop it, or choose another folder with --data.",
        )
    try:
        yield folder
    finally:
        lock.release()


def is_served(folder: Path) -> bool:
    """Whether a server holds this data folder now."""
    if not folder.is_dir():
        return False
    lock = _lock(folder, "lock")
    if not _taken(lock, 0):
        return True
    lock.release()
    return False


def wait_turn(folder: Path, waiting: Callable[[], None]) -> Callable[[], None]:
    """Wait until no other command has a server of its own here; gives what ends the turn.

    That server ends with its command, and would take the jobs of all others along. `waiting` is
    called where it takes a while; raises CannotServe for a folder that can't be used.
    """
    lock = _lock_in(folder.absolute(), "turn")
    if not _taken(lock, 0):
        waiting()
        _taken(lock, -1)
    return lock.release


def _lock_in(folder: Path, name: str) -> FileLock:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _useless(folder, error) from error
    return _lock(folder, name)


def _lock(folder: Path, name: str) -> FileLock:
    """For its owner alone: whoever may open it could hold it, and no server would start."""
    return FileLock(folder / name, mode=0o600)


def _taken(lock: FileLock, seconds: float) -> bool:
    """Take a lock within so many seconds (-1: however long it takes); tells whether it worked."""
    try:
        lock.acquire(timeout=seconds)
    except Timeout:
        return False
    except OSError as error:
        raise _useless(Path(lock.lock_file).parent, error) from error
    return True


def _useless(folder: Path, error: OSError) -> CannotServe:
    return CannotServe(
        f"The data folder {folder} can't be used: {error}.", "Choose another with --data."
    )
