"""A copy of a data folder, made while the server runs, and a data folder made from a copy.

Blobs never change and are named by their hash, so that they are copied first and once more after
the databases: whatever a database names was there in one of the two looks (nothing that was used
within the hour is swept out). The copy counts once its list of contents is written, last of all.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from bottega_backend.errors import BackupFailed

from .blobs import PIECE

CONTENTS = "backup.json"
COPY = "data"
FORMAT = 1

BLOBS = Path("blobs")
PASSING = {"work", "incoming", "lock", "turn", "drain", "worker.log", "worker.1.log"}
"""What is of a running server only, or of no use elsewhere."""

DATABASES = (".sqlite3", ".sqlite")
BESIDE = ("-wal", "-shm", "-journal")
"""Files of a database's own: its copy is whole without them."""

MODELS = "models"


@dataclass(frozen=True)
class Copied:
    """What a copy holds, and how much of it was copied now. `made` is in seconds since 1970."""

    blobs: int
    bytes: int
    copied: int
    databases: int
    files: int
    made: float
    format: int = FORMAT


def back_up(folder: Path, target: Path, *, models: bool = False) -> Copied:
    """Copy a data folder to `target`, a new folder or an older copy of the same.

    What an older copy has is not copied again; what is gone goes there too. Raises BackupFailed
    for a blob whose bytes have changed, a database that is damaged, a target that is none.
    """
    _check_target(folder, target)
    copy = target / COPY
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Not finished, but ours: only where this lies may anything be taken away or written over.
    _write(target / CONTENTS, b"{}")
    copy.mkdir(mode=0o700, exist_ok=True)
    first, copied = _copy_blobs(folder, copy)
    databases = [_copy_database(file, copy / file.name) for file in _databases(folder)]
    files = [_copy_file(file, copy / file.relative_to(folder)) for file in _others(folder, models)]
    second, more = _copy_blobs(folder, copy)
    seen = first | second
    there = {*map(copy.joinpath, _blobs(copy)), *_databases(copy), *_others(copy, models)}
    for gone in there - {*map(copy.joinpath, seen), *databases, *files}:
        gone.unlink()
    size = sum((copy / blob).stat().st_size for blob in seen)
    done = Copied(len(seen), size, copied + more, len(databases), len(files), time.time())
    _write(target / CONTENTS, json.dumps(asdict(done)).encode())
    return done


def restore(source: Path, folder: Path) -> Copied:
    """Make an empty or new folder what the copy holds; every hash is checked on the way.

    The caller holds the folder's lock. Raises BackupFailed.
    """
    try:
        done = Copied(**json.loads((source / CONTENTS).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise BackupFailed(
            f"{source} is no finished backup.", "One that was broken off is made again."
        ) from error
    if done.format != FORMAT:
        raise BackupFailed(f"{source} is a backup of format {done.format}; this knows {FORMAT}.")
    if folder.exists() and {path.name for path in folder.iterdir()} - PASSING:
        raise BackupFailed(f"{folder} is not empty.", "Name a new folder with --data.")
    copy = source / COPY
    _copy_blobs(copy, folder)
    for file in _databases(copy):
        _copy_database(file, folder / file.name)
    for file in _others(copy, models=True):
        _copy_file(file, folder / file.relative_to(copy))
    return done


def _check_target(folder: Path, target: Path) -> None:
    if not folder.is_dir():
        raise BackupFailed(f"There is no data folder {folder}.", "Name it with --data.")
    inside, outside = folder.resolve(), target.resolve()
    if outside.is_relative_to(inside) or inside.is_relative_to(outside):
        raise BackupFailed("The backup must lie outside of the data folder.", "Name another.")
    if target.is_dir() and any(target.iterdir()) and not (target / CONTENTS).is_file():
        raise BackupFailed(f"{target} holds something else.", "Name an empty or a new folder.")


def _blobs(folder: Path) -> Iterator[Path]:
    """Every blob, as its path within the folder."""
    for path in (folder / BLOBS).glob("*/??/*"):
        yield path.relative_to(folder)


def _copy_blobs(folder: Path, copy: Path) -> tuple[set[Path], int]:
    """Copy what is not there yet; gives all that are there, and how many were copied."""
    seen, copied = set(), 0
    for blob in _blobs(folder):
        target = copy / blob
        try:
            if not target.exists():
                _copy_file(folder / blob, target, blob.name)
                copied += 1
        except FileNotFoundError:
            continue  # swept out in between
        seen.add(blob)
    return seen, copied


def _databases(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in DATABASES)


def _others(folder: Path, models: bool) -> Iterator[Path]:  # noqa: FBT001  # two callers, by name or alone
    """Settings, certificate, word lists: everything else that stays."""
    left_out = PASSING | {BLOBS.name} | (set() if models else {MODELS})
    for path in folder.rglob("*"):
        top = path.relative_to(folder).parts[0]
        database = path.parent == folder and path.name.endswith((*DATABASES, *BESIDE))
        if path.is_file() and not path.is_symlink() and top not in left_out and not database:
            yield path


def _copy_database(file: Path, target: Path) -> Path:
    """SQLite's own backup: one moment of a database that others are writing."""
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    try:
        with (
            closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=rw", uri=True)) as base,
            closing(sqlite3.connect(part)) as copy,
        ):
            base.execute("PRAGMA busy_timeout=10000")
            base.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
            (answer,) = copy.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.Error as error:
        raise BackupFailed(f"{file} can't be copied: {error}.") from error
    if answer != "ok":
        raise BackupFailed(f"{file} is damaged: {answer}.", "Keep the backup before this one.")
    _settle(part, target)
    return target


def _copy_file(file: Path, target: Path, sha256: str = "") -> Path:
    """Copy and sync; a blob's name is its hash, which is compared."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    digest = hashlib.sha256()
    with file.open("rb") as content, part.open("wb") as copy:
        while piece := content.read(PIECE):
            digest.update(piece)
            copy.write(piece)
    if sha256 and digest.hexdigest() != sha256:
        part.unlink()
        raise BackupFailed(f"{file} is damaged.", "Take it from an older backup, or remove it.")
    shutil.copystat(file, part)
    _settle(part, target)
    return target


def _write(target: Path, content: bytes) -> None:
    part = target.with_name(f"{target.name}.part")
    part.write_bytes(content)
    _settle(part, target)


def _settle(part: Path, target: Path) -> None:
    """Make a file its owner's alone, sync it, then give it its name."""
    part.chmod(0o600)
    with part.open("r+b") as file:
        os.fsync(file.fileno())
    part.replace(target)
