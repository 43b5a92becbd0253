"""A server that kills itself at a named point, the n-th time that it comes there.

Run as a program it is the nursery of servers and step workers, or one of them. The product knows
nothing of the points: they are wrapped from here.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from fakes import step_worker
from faults.sections.nursery import attend
from websockets.asyncio.server import ServerConnection

from bottega_backend.server import app, ledger
from bottega_backend.store.blobs import Blobs, Upload
from bottega_backend.store.journal import Journal

Fuse = Callable[[], None]


def fuse(times: int) -> Fuse:
    """What kills this process the n-th time that it is called."""
    count = itertools.count(1)

    def burn() -> None:
        if next(count) == times:
            os.kill(os.getpid(), signal.SIGKILL)

    return burn


def after(owner: Any, name: str) -> Callable[[Fuse], None]:
    """Kill when this function has returned."""

    def arm(burn: Fuse) -> None:
        real = getattr(owner, name)

        @wraps(real)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            given = real(*args, **kwargs)
            burn()
            return given

        setattr(owner, name, wrapped)

    return arm


def before(owner: Any, name: str) -> Callable[[Fuse], None]:
    """Kill instead of calling this function."""

    def arm(burn: Fuse) -> None:
        real = getattr(owner, name)

        @wraps(real)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            burn()
            return real(*args, **kwargs)

        setattr(owner, name, wrapped)

    return arm


def sent(kind: str) -> Callable[[Fuse], None]:
    """Kill when a message of this kind has been handed to the socket."""
    mark = b"\xa4type" + bytes((0xA0 + len(kind),)) + kind.encode()

    def arm(burn: Fuse) -> None:
        real = ServerConnection.send

        async def send(self: ServerConnection, frame: bytes, *args: Any, **kwargs: Any) -> None:
            await real(self, frame, *args, **kwargs)
            if mark in frame[:64]:
                burn()

        ServerConnection.send = send  # type: ignore[method-assign]

    return arm


POINTS = {
    "a piece of a blob written": after(Upload, "add"),
    "blob synced": after(Upload, "finish"),
    "row about to be written": before(Journal, "accept"),
    "row committed": after(Journal, "accept"),
    "accepted sent": sent("accepted"),
    "attempt written": after(Journal, "begin"),
    "result written by the worker": before(ledger, "harvest"),
    "a blob of the result taken in": after(Blobs, "adopt"),
    "result taken in": after(ledger, "harvest"),
    "terminal record": after(Journal, "end"),
    "delivered": sent("finished"),
    "fetched": after(Journal, "fetched"),
    "acknowledged": after(Journal, "acknowledge"),
}


def main() -> None:
    """Fork servers and step workers for whoever knocks; or be one of them."""
    first, *words = sys.argv[1:]
    if first in PROGRAMS:
        PROGRAMS[first](words)
    attend(Path(first), lambda asked: PROGRAMS[asked[0]](asked[1:]))


def _serve(words: list[str]) -> None:
    options, point, times = words
    kept = json.loads(options)
    kept["data"], kept["worker"] = Path(kept["data"]), tuple(kept["worker"])
    kept["models"] = Path(kept["models"]) if "models" in kept else None
    (kept["data"].parent / "server.pid").write_text(str(os.getpid()))
    if point:
        POINTS[point](fuse(int(times)))
    sys.exit(app.serve(app.ServerConfig(**kept)))


def _step(words: list[str]) -> None:
    Path(words[0]).write_text(str(os.getpid()))
    sys.argv = ["step_worker"]
    step_worker.main()
    sys.exit(0)


PROGRAMS = {"server": _serve, "step worker": _step}


if __name__ == "__main__":
    main()
