"""Stops that the server has not heard of yet, kept over the editor's end: a file for each job."""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from pathlib import Path

from bottega_protocol.messages import JOB

DAYS = 14
"""No server keeps a job for longer, unless it is told to: then a stop is forgotten."""

log = logging.getLogger(__name__)


class Stops:
    """Any thread may call; a folder that can't be written costs no more than the stop's memory."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def add(self, job: bytes) -> None:
        """The artist wants this job stopped."""
        if self._folder is None:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / job.hex()).touch(mode=0o600)
        except OSError:
            log.warning("a stop could not be kept", exc_info=True)

    def remove(self, job: bytes) -> None:
        """The server knows, or there is nothing to be stopped."""
        if self._folder is not None:
            with suppress(OSError):
                (self._folder / job.hex()).unlink()

    def all(self) -> tuple[bytes, ...]:
        """Those that are still to be told; what is too old is forgotten."""
        found = []
        for file in self._files():
            with suppress(OSError, ValueError):
                job = bytes.fromhex(file.name)
                if len(job) != JOB.most:
                    continue
                if time.time() - file.stat().st_mtime > DAYS * 86400:
                    file.unlink()
                else:
                    found.append(job)
        return tuple(found)

    def _files(self) -> list[Path]:
        try:
            return [] if self._folder is None else sorted(self._folder.iterdir())
        except OSError:
            return []
