"""Processes without their imports: forked from one that has made them.

What is started is `nursery_stub.py`: it hands its standard streams over, tells the process id of
its fork through the pid file, and ends as the fork does; the fork ends when the stub is gone.
"""

from __future__ import annotations

import array
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

STUB = Path(__file__).with_name("nursery_stub.py")
TESTS = str(Path(__file__).parents[2])
NOT_STARTED = 127
PATIENCE = 300.0


@contextmanager
def nursery(folder: Path, program: Path, *words: str) -> Iterator[list[str]]:
    """Start a program that calls `attend`; gives the command that starts one of its forks."""
    door, told = folder / "nursery", folder / "nursery.log"
    door.unlink(missing_ok=True)
    with told.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, str(program), str(door), *words],
            stdout=log,
            stderr=log,
            env=with_tests(),
        )
    try:
        until = time.monotonic() + PATIENCE
        while not door.exists():
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(told.read_text())
            time.sleep(0.1)
        yield [sys.executable, "-I", "-S", str(STUB), str(door)]
    finally:
        process.kill()
        process.wait()


def with_tests() -> dict[str, str]:
    """An environment in which programs of the tests find one another."""
    path = os.pathsep.join(filter(None, (TESTS, os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path}


def attend(door: Path, be: Callable[[list[str]], None]) -> None:
    """Fork for whoever knocks; `be` is what a fork does, given the words after the command."""
    part = door.with_suffix(".part")
    part.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(part))
    listening.listen()
    part.rename(door)
    while True:
        knocking, _ = listening.accept()
        words, ancillary, _, _ = knocking.recvmsg(2**16, socket.CMSG_SPACE(3 * 4))
        streams = array.array("i", ancillary[0][2][: 3 * 4])
        child = os.fork()
        if child == 0:
            listening.close()
            knocking.close()
            _be(streams, lambda words=words: be(json.loads(words)))  # type: ignore[misc]
        for stream in streams:
            os.close(stream)
        threading.Thread(target=_accompany, args=(knocking, child), daemon=True).start()


def _accompany(knocking: socket.socket, child: int) -> None:
    """Tell the stub how its fork ended; end the fork when the stub is gone."""

    def watch() -> None:
        if not knocking.recv(1):
            try:
                os.kill(child, signal.SIGKILL)
            except ProcessLookupError:
                return

    threading.Thread(target=watch, daemon=True).start()
    _, status = os.waitpid(child, 0)
    try:
        knocking.sendall(os.waitstatus_to_exitcode(status).to_bytes(4, "big", signed=True))
    except OSError:
        return


def _be(streams: array.array[int], be: Callable[[], None]) -> None:
    try:
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115  # the process's own
        be()
    except SystemExit as ended:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(ended.code if isinstance(ended.code, int) else 1)
    finally:
        os._exit(NOT_STARTED)
