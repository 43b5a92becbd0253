"""What a worker is to the server: one call, `advance(commands, budget) -> events`.

Pixels do not pass through this interface: inputs are blobs of the store on disk, named by path,
and a worker writes its results as files into the folder that `Start` names. The page cache is the
shared memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bottega_protocol.handshake import HASH
from bottega_protocol.messages import CODE, JOB, MESSAGE, Preview, Progress
from bottega_protocol.requests import REQUEST, AnyRequest
from bottega_protocol.results import Result, Timings
from bottega_protocol.schema import Flag, Nested, OneOf, Real, Record, Several, Text, Whole, wire

NO_ROOM = "no-room"
"""The code of what broke because the disk was full: no failure of the job's, it is tried again."""

EXIT_DEVICE_LOST = 70
"""The worker's exit code when its device has failed: only another process can use it again."""

PATH = Text(4096, least=1)
ATTEMPT = Whole(1, 2**31)
MOST_FRAME = 16 * 2**20
"""Bytes of one frame on the pipe."""


@dataclass(frozen=True)
class BlobFile(Record):
    """Where the bytes with this hash lie."""

    sha256: bytes = wire(HASH)
    path: str = wire(PATH)


# --- commands --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Start(Record):
    """Take this job. `weight` is its share of the device among the jobs that run with it.

    A `live` one is a preview of what its artist does just now: it goes before the others.
    """

    job: bytes = wire(JOB)
    attempt: int = wire(ATTEMPT)
    request: AnyRequest = wire(REQUEST)
    inputs: tuple[BlobFile, ...] = wire(Several(Nested(BlobFile), 64))
    output: str = wire(PATH)
    weight: float = wire(Real(0, 1e6), default=1.0)
    live: bool = wire(Flag(), default=False)


@dataclass(frozen=True)
class Weigh(Record):
    """From here on this job has another share of the device."""

    job: bytes = wire(JOB)
    weight: float = wire(Real(0, 1e6))


@dataclass(frozen=True)
class Stop(Record):
    """Give this job up; answered by `Ended` unless it ended by itself."""

    job: bytes = wire(JOB)


# --- events ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Done(Record):
    """The job's layers are written: every blob of the result lies in one of `files`."""

    job: bytes = wire(JOB)
    attempt: int = wire(ATTEMPT)
    result: Result = wire(Nested(Result))
    files: tuple[BlobFile, ...] = wire(Several(Nested(BlobFile), 128))
    timings: Timings = wire(Nested(Timings))


@dataclass(frozen=True)
class Broken(Record):
    """The job failed; the worker is well."""

    job: bytes = wire(JOB)
    attempt: int = wire(ATTEMPT)
    code: str = wire(CODE)
    message: str = wire(MESSAGE)
    remedy: str = wire(MESSAGE, default="")


@dataclass(frozen=True)
class Ended(Record):
    """The job was stopped, as told."""

    job: bytes = wire(JOB)


COMMAND = OneOf("command", (("start", Start), ("weigh", Weigh), ("stop", Stop)))
EVENT = OneOf(
    "event",
    (
        ("progress", Progress),
        ("preview", Preview),
        ("done", Done),
        ("broken", Broken),
        ("ended", Ended),
    ),
)
Command = Start | Weigh | Stop
Event = Progress | Preview | Done | Broken | Ended


@dataclass(frozen=True)
class Advance(Record):
    """Obey these commands, then work for about `budget_ms` (0 = only obey)."""

    commands: tuple[Command, ...] = wire(Several(COMMAND, 256))
    budget_ms: int = wire(Whole(0, 60_000))


@dataclass(frozen=True)
class Running(Record):
    """Sent before the answer, ahead of a piece of work: for which jobs it is.

    Not repeated while they stay the same. If the process dies, it was in work for these.
    """

    jobs: tuple[bytes, ...] = wire(Several(JOB, 256))


@dataclass(frozen=True)
class Spent(Record):
    """How many seconds a job had the device: its rows' share where it shared a forward."""

    job: bytes = wire(JOB)
    seconds: float = wire(Real(0, 1e6))


@dataclass(frozen=True)
class Advanced(Record):
    """What happened, and who had the device for how long; `busy` while there is work left.

    `patience` is how many seconds the next advance may take before the worker counts as hung:
    short while it denoises, long while it loads a model.
    """

    events: tuple[Event, ...] = wire(Several(EVENT, 1024))
    busy: bool = wire(Flag())
    patience: float = wire(Real(0, 1e6), default=30.0)
    spent: tuple[Spent, ...] = wire(Several(Nested(Spent), 256), default=())


@dataclass(frozen=True)
class Ready(Record):
    """The worker's first frame: it has imported what it needs and can be advanced."""

    device: str = wire(Text(200))
    versions: tuple[str, ...] = wire(Several(Text(200), 32))


FRAMES: dict[str, type[Record]] = {
    "advance": Advance,
    "running": Running,
    "advanced": Advanced,
    "ready": Ready,
}


class Worker(Protocol):
    """A device that paints. One call at a time.

    Every method raises WorkerDied when the process behind it is gone; the error names the jobs
    of the last Running.
    """

    async def start(self) -> Ready:
        """Start the process and wait until it can be advanced."""
        ...

    async def advance(self, commands: tuple[Command, ...], budget_ms: int) -> Advanced:
        """Hand over commands, let it work, take what happened."""
        ...

    async def close(self) -> None:
        """End it: politely, then by force."""
        ...
