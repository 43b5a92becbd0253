"""A worker in a process of its own, spoken to through its standard input and output.

A frame on a pipe is its length (u32, little-endian) and a control frame of `codec`. What the
worker writes to standard error goes to a log file.
"""

from __future__ import annotations

import asyncio
import logging
import struct
from asyncio.subprocess import PIPE, Process
from pathlib import Path
from typing import BinaryIO, TypeVar

from bottega_backend.errors import WorkerDied
from bottega_protocol.codec import decode, encode_message
from bottega_protocol.errors import ProtocolError
from bottega_protocol.schema import Record
from bottega_protocol.version import VERSIONS

from .interface import (
    EXIT_DEVICE_LOST,
    FRAMES,
    MOST_FRAME,
    Advance,
    Advanced,
    Command,
    Ready,
    Running,
)
from .watchdog import STARTING_SECONDS, Watchdog, awake

R = TypeVar("R", bound=Record)
LENGTH = struct.Struct("<I")
MOST_LOG = 8 * 2**20
POLITE_SECONDS = 2.0
"""How long a worker may take to end by itself once its pipe is closed."""

log = logging.getLogger(__name__)


class ProcessWorker:
    """Implements Worker. `command` starts the process; `log_file` takes its standard error."""

    def __init__(
        self, command: tuple[str, ...], log_file: Path, watchdog: Watchdog | None = None
    ) -> None:
        self._command = command
        self._log_file = log_file
        self._watchdog = watchdog or Watchdog()
        self._process: Process | None = None
        self._ready = False
        self._running: tuple[bytes, ...] = ()

    @property
    def pid(self) -> int | None:
        """The process behind it, while there is one."""
        return self._process.pid if self._process else None

    async def start(self) -> Ready:
        try:
            with _open_log(self._log_file) as log_file:
                # A session of its own: Ctrl+C in the terminal is for the server alone.
                self._process = await asyncio.create_subprocess_exec(
                    *self._command,
                    stdin=PIPE,
                    stdout=PIPE,
                    stderr=log_file,
                    start_new_session=True,
                )
        except OSError as error:
            raise WorkerDied(f"The worker can't be started: {error}.") from error
        ready = await self._within(STARTING_SECONDS, Ready)
        self._ready = True
        return ready

    async def advance(self, commands: tuple[Command, ...], budget_ms: int) -> Advanced:
        frame = encode_message(Advance(commands, budget_ms), FRAMES, VERSIONS[-1], MOST_FRAME)
        limit = self._watchdog.limit(commands, budget_ms)
        advanced = await self._within(limit, Advanced, LENGTH.pack(len(frame)) + frame)
        self._watchdog.heard(advanced)
        return advanced

    async def close(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        if not self._ready:  # busy with imports, it would not see the end of its input
            await self._kill()
            return
        if process.stdin is not None:
            process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), POLITE_SECONDS)
        except TimeoutError:
            log.warning("worker %s did not end by itself and is killed", process.pid)
            await self._kill()

    async def _within(self, seconds: float, kind: type[R], frame: bytes = b"") -> R:
        """Send a frame and read the answer, both within so many seconds; else end the process."""
        try:
            async with awake(seconds):
                return await self._exchange(kind, frame)
        except TimeoutError as error:
            await self._kill()
            raise self._death(f"gave no sign of life for {seconds:.0f} s") from error
        except (ProtocolError, struct.error) as error:
            await self._kill()
            raise self._death(f"talks nonsense: {error}") from error
        except (OSError, asyncio.IncompleteReadError) as error:
            await self._reap()
            raise self._death(f"died: its process ended ({self._ending()})") from error

    def _death(self, how: str) -> WorkerDied:
        error = WorkerDied(f"The worker {how}.")
        error.jobs = self._running
        return error

    async def _exchange(self, kind: type[R], frame: bytes) -> R:
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise WorkerDied("The worker has not been started.")
        if frame:
            process.stdin.write(frame)
            await process.stdin.drain()
        while isinstance(answer := await self._receive(process.stdout), Running):
            self._running = answer.jobs
        if not isinstance(answer, kind):
            raise ProtocolError(f"{type(answer).__name__} where {kind.__name__} was due")
        return answer

    async def _receive(self, output: asyncio.StreamReader) -> Record:
        (length,) = LENGTH.unpack(await output.readexactly(LENGTH.size))
        if length > MOST_FRAME:
            raise ProtocolError(f"a frame of {length} bytes")
        answer = decode(await output.readexactly(length), FRAMES, VERSIONS[-1], MOST_FRAME)
        if not isinstance(answer, Record):
            raise ProtocolError("a chunk where a control message was due")
        return answer

    async def _reap(self) -> None:
        """Its pipe is closed: it is ending, so let it, and learn how."""
        try:
            if self._process is not None:
                await asyncio.wait_for(self._process.wait(), POLITE_SECONDS)
        except TimeoutError:
            await self._kill()

    async def _kill(self) -> None:
        if self._process is not None:
            if self._process.returncode is None:
                try:
                    self._process.kill()
                except ProcessLookupError:
                    log.debug("worker %s was gone already", self._process.pid)
            await self._process.wait()

    def _ending(self) -> str:
        code = self._process.returncode if self._process else None
        if code == EXIT_DEVICE_LOST:
            return "its device failed"
        return f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"


def _open_log(file: Path) -> BinaryIO:
    """Append to the log; what was written before goes aside when it is long."""
    if file.exists() and file.stat().st_size > MOST_LOG:
        file.replace(file.with_suffix(".1.log"))
    return file.open("ab")
