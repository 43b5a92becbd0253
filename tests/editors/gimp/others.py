"""Other artists at the tests' server: they keep its worker busy, or look at what it keeps."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
from editors.conftest import RunningServer
from editors.room import wait_for

from bottega_client.client import Client
from bottega_client.launch import find_server
from bottega_protocol.images import MASK, Layout, describe
from bottega_protocol.messages import Submit
from bottega_protocol.regions import Rectangle, Size
from bottega_protocol.requests import FillRequest


def states(server: RunningServer) -> list[tuple[str, str]]:
    """Prompt and state of every job that the server keeps, the newest first."""
    client = Client(find_server(server.data), "a test")
    client.connect()
    try:
        return [(job.prompt, job.state) for job in client.results()]
    finally:
        client.close()


@contextmanager
def busy(server: RunningServer) -> Iterator[None]:
    """Others' jobs fill the worker, which stands still: whoever comes now has to wait."""
    stop = threading.Event()
    others = [threading.Thread(target=occupy, args=(server, stop), daemon=True) for _ in "12"]
    for other in others:
        other.start()
    try:
        running = ("the other's", "running")
        wait_for(lambda: states(server).count(running) == len(others), "the others' jobs", 60)
        with standing_still(server):
            yield
    finally:
        stop.set()
        for other in others:
            other.join(30)


@contextmanager
def standing_still(server: RunningServer) -> Iterator[None]:
    """The worker's process is halted meanwhile: no job of a fast machine is over too soon."""
    (worker,) = psutil.Process(server.process.pid).children()
    worker.suspend()
    try:
        yield
    finally:
        worker.resume()


def occupy(server: RunningServer, stop: threading.Event) -> None:
    """Keep half of the server's worker busy, as much as one job may have, until `stop` is set."""
    client = Client(find_server(server.data), "another artist")
    client.connect()
    place, size = Rectangle(0, 0, 64, 64), Size(64, 64)
    pixels, mask = bytes(4 * 64 * 64), b"\xff" * (64 * 64)
    request = FillRequest(
        canvas=size,
        selection=place,
        rectangle=place,
        pixels=describe(pixels, size, Layout("RGBA", "u8")),
        mask=describe(mask, size, MASK),
        prompt="the other's",
        model="apprentice",
        steps=150,
        count=8,
    )
    submit = Submit(secrets.token_bytes(16), request, "elsewhere")
    blobs = {request.pixels.sha256: pixels, request.mask.sha256: mask}
    for _ in client.follow(submit, blobs, stop):
        pass
    client.close()
