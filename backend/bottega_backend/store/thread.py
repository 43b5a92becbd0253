"""The one thread that touches the data folder, with a face for asyncio."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

from bottega_backend.errors import StoreFailed

from .blobs import Blobs
from .journal import Journal

P = ParamSpec("P")
T = TypeVar("T")


class Store:
    """Journal and blobs of one data folder. Whatever they do is done through `call`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.work = folder / "work"
        self._thread = ThreadPoolExecutor(1, "store")
        self.journal: Journal
        self.blobs: Blobs

    async def open(self) -> None:
        """Open or create everything; raises StoreFailed."""
        await self.call(self._open)

    async def close(self) -> None:
        """Finish what was asked for, then close."""
        await self.call(self.journal.close)
        self._thread.shutdown()

    async def call(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do something on the store thread, in order; raises StoreFailed when the disk fails."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, lambda: work(*args, **kwargs))
        except (OSError, sqlite3.Error) as error:
            raise StoreFailed(
                f"The server's data folder failed: {error}.",
                f"See that there is room and a writable folder at {self.folder}.",
            ) from error

    def room(self) -> int:
        """Bytes that are free and not promised to an accepted job's result. Store thread only."""
        return shutil.disk_usage(self.folder).free - self.journal.reserved()

    def _open(self) -> None:
        # What workers had not handed over when the server ended is painted again.
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir(parents=True)
        self.journal = Journal(self.folder / "bottega.sqlite3")
        self.blobs = Blobs(self.folder / "blobs")
