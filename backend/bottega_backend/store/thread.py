"""The one thread that touches the data folder, with a face for asyncio."""

from __future__ import annotations

import asyncio
import logging
import shutil
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import ParamSpec, TypeVar

from bottega_backend.errors import StoreFailed
from bottega_backend.settings import Keeping

from .blobs import Blobs
from .clock import Clock
from .disk import RealDisk
from .holdings import Held, Holdings
from .journal import Journal
from .keeping import Swept, make_room, sweep

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger(__name__)


class Store:
    """Journal and blobs of one data folder. Whatever they do is done through `call`."""

    def __init__(self, folder: Path, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
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
        await self.call(self._close)
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

    def room(self, wanted: int = 0) -> int:
        """Bytes that are free and not promised to an accepted job's result. Store thread only.

        Where that is less than what is wanted, fetched results make room.
        """
        free = self._room()
        if free < wanted:
            swept = make_room(self.journal, self.blobs, wanted - free, self.journal.clock())
            log.info("made room: %s jobs, %s bytes", swept.jobs, swept.size)
            free = self._room()
        return free

    def _room(self) -> int:
        return shutil.disk_usage(self.folder).free - self.journal.reserved()

    def held(self, account: str, most: Held) -> Held:
        """What an account has stored, after fetched results made room. Store thread only."""
        return self.holdings.of(account, most)

    def sweep(self, keeping: Keeping) -> Swept:
        """Let go what is old or too much. Store thread only."""
        now = self.journal.clock()
        self.journal.keep_clock(now)
        return sweep(self.journal, self.blobs, keeping, now)

    def _open(self) -> None:
        # What workers had not handed over when the server ended is painted again.
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir(parents=True)
        disk = RealDisk()
        disk.sync_folder(self.folder.parent)
        self.journal = Journal(self.folder / "bottega.sqlite3")
        clock = Clock(self.journal.kept_clock(), self._wall).now
        self.journal.clock = clock
        self.journal.keep_clock(clock())
        self.blobs = Blobs(self.folder / "blobs", disk, clock)
        self.holdings = Holdings(self.journal, self.blobs)

    def _close(self) -> None:
        with suppress(sqlite3.Error):  # a disk that has failed: what was committed is there
            self.journal.keep_clock(self.journal.clock())
        self.journal.close()
