"""The list of artists while the server runs: read again when the command line has changed it."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

from bottega_backend.errors import StoreFailed
from bottega_backend.store.artists import Artists, Known

P = ParamSpec("P")
T = TypeVar("T")

LOOK_SECONDS = 0.4
"""How often it is looked whether somebody has changed the list."""

SEEN_SECONDS = 60.0
"""Of a login that comes again sooner nothing is written down."""

log = logging.getLogger(__name__)


class Roster:
    """Artists behind one thread of their own: who is to go must not wait for others' pixels."""

    def __init__(self, folder: Path) -> None:
        self.known = Known()
        self._changed: Callable[[Known], None] = lambda _: None
        self._folder = folder
        self._thread = ThreadPoolExecutor(1, "artists")
        self._artists: Artists
        self._version = 0
        self._seen: dict[str, float] = {}

    async def open(self) -> None:
        """Open or create the list; raises StoreFailed."""
        self._artists = await self._call(Artists, self._folder)
        await self._read()

    async def close(self) -> None:
        """Finish what was asked for, then close."""
        await self._call(self._artists.close)
        self._thread.shutdown()

    def follow(self, changed: Callable[[Known], None]) -> None:
        """Have somebody told of the list now and from here on, on the event loop."""
        self._changed = changed
        changed(self.known)

    def quota(self, account: str) -> Mapping[str, float]:
        """The limits that were set for this artist alone."""
        return self.known.quotas.get(account, {})

    async def watch(self) -> None:
        """Look for changes as long as the server lives."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                if await self._call(self._artists.version) != self._version:
                    await self._read()
                # Told without a change too: a job may have been on its way in when one came.
                self._changed(self.known)
            except StoreFailed as error:
                # Who is known stays known; what was taken back meanwhile is seen later.
                log.warning("the list of artists can't be read: %s", error.message)

    async def redeem(self, invitation: str, program: str) -> tuple[str, str] | None:
        """Use an invitation up: a login and its token, or nothing where it is not good."""
        given = await self._call(self._artists.redeem, invitation, program)
        await self._read()
        return given

    async def saw(self, login: str) -> None:
        """Somebody came in with this login."""
        now = time.monotonic()
        if login in self.known.doors and now - self._seen.get(login, -SEEN_SECONDS) > SEEN_SECONDS:
            self._seen[login] = now
            await self._call(self._artists.saw, login)

    async def _read(self) -> None:
        # The number first: a change in between shows the next time.
        self._version = await self._call(self._artists.version)
        self.known = await self._call(self._artists.known)
        self._changed(self.known)

    async def _call(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, lambda: work(*args, **kwargs))
        except (OSError, sqlite3.Error) as error:
            raise StoreFailed(
                f"The list of artists failed: {error}.",
                f"See that there is room and a writable folder at {self._folder}.",
            ) from error
