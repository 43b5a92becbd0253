"""The line between editor and backend: bytes of a selection, small messages beside large."""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from statistics import quantiles

from bottega_client.actions import Wish, perform
from bottega_client.client import Client
from bottega_client.editor import VISIBLE
from bottega_client.launch import Address
from bottega_protocol.errors import Refusal
from bottega_protocol.images import MASK, describe
from bottega_protocol.messages import AskQuote, Submit
from bottega_protocol.regions import Rectangle, Size, canvas_rectangle
from bottega_protocol.requests import FillRequest

from .canvas import RGBA, MadeCanvas

SELECTION = Rectangle(256, 256, 512, 512)
CANVASES = (1024, 8192)
HEAVY = Size(4096, 4096)
"""64 MiB of RGBA, and a mask of a quarter of that."""


def sent_bytes(client: Client, side: int) -> int:
    """What one job with a 512 x 512 selection on a canvas of this side sends.

    The least of three: how often the window of what comes back is widened depends on timing, at
    about 40 bytes each.
    """
    return min(_sent_once(client, side, seed) for seed in (side, side + 1, side + 2))


def _sent_once(client: Client, side: int, seed: int) -> int:
    before, _ = client.traffic
    # A seed of its own: the server would not ask for pixels that it has already.
    canvas = MadeCanvas(side, SELECTION, seed)
    wish = Wish(seed=1, steps=1)
    perform(canvas, client, "fill", wish, lambda _: None, threading.Event())
    after, _ = client.traffic
    return after - before


@dataclass(frozen=True)
class Latency:
    """Round trips of a small question, in milliseconds."""

    count: int
    median: float
    p99: float


def quote_latency(client: Client, go_on: Callable[[], bool]) -> Latency:
    """Ask for quotes, one after the other, as long as `go_on` says so."""
    took = []
    while go_on():
        began = time.perf_counter()
        client.quote(_question)
        took.append((time.perf_counter() - began) * 1000)
    cuts = quantiles(took, n=100)
    return Latency(len(took), cuts[49], cuts[98])


def _question(number: int) -> AskQuote:
    return AskQuote(number, "fill", Size(1024, 1024), SELECTION, RGBA)


@contextmanager
def uploads(address: Address) -> Iterator[Callable[[], int]]:
    """Another client, in a process of its own, that uploads 64 MiB pictures one after the other.

    Begins once it does; yields a function that tells how many bytes it has sent since its start.
    """
    spawn = multiprocessing.get_context("spawn")
    stop, count = spawn.Event(), spawn.Value("q", 0)
    process = spawn.Process(target=_upload_all, args=(address, stop, count), daemon=True)
    process.start()
    try:
        while count.value == 0 and process.is_alive():
            time.sleep(0.05)
        yield lambda: count.value
    finally:
        stop.set()
        process.join(60)


def _upload_all(address: Address, stop: Event, count: Synchronized[int]) -> None:
    client = Client(address, "bottega bench, uploads")
    client.connect()
    for number in itertools.count(1):
        if stop.is_set():
            break
        _upload(client, number, count)
    client.close()


def _upload(client: Client, number: int, count: Synchronized[int]) -> None:
    """Send one picture that the server has not seen, and give the job up when it is there."""
    whole = canvas_rectangle(HEAVY)
    shot = MadeCanvas(HEAVY.width, whole, seed=number).read(whole, RGBA, VISIBLE)
    covered = shot.mask or b""
    pixels, mask = describe(shot.pixels, HEAVY, RGBA), describe(covered, HEAVY, MASK)
    request = FillRequest(canvas=HEAVY, rectangle=whole, selection=whole, pixels=pixels, mask=mask)
    blobs = {pixels.sha256: shot.pixels, mask.sha256: covered}
    begun, stop = count.value, threading.Event()

    def sent(done: int) -> None:
        count.value = begun + done
        if done >= len(shot.pixels):
            stop.set()

    submit = Submit(secrets.token_bytes(16), request)
    with contextlib.suppress(Refusal):  # a full store: the bytes have crossed the line all the same
        for _ in client.follow(submit, blobs, stop, sent):
            pass
