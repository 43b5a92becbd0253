"""The server's life: lock, store, door, workers, signals; and back in that order."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from bottega_backend.errors import CannotServe, StoreFailed
from bottega_backend.scheduler.queue import FirstComeQueue
from bottega_backend.settings import Settings, read_settings
from bottega_backend.shelf.catalog import Catalog
from bottega_backend.shelf.wildcards import Wildcards
from bottega_backend.store.lock import own_folder
from bottega_backend.store.thread import Store
from bottega_backend.workers.process import ProcessWorker

from .access import Listening, open_access, publish
from .attendant import Attendant
from .audience import Audience
from .broom import sweep_often
from .door import Doorway, open_door
from .house import House
from .limits import Bounds
from .stage import Stage

PORT = 8765
WILDCARDS = "wildcards"
"""In the data folder: word lists for prompts."""

EXIT_ORDERLY = 0
EXIT_CANNOT_SERVE = 4

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ServerConfig:
    """Where to listen, where to keep everything, which models and device to paint with.

    Port 0 takes any free one. `worker` is the command that starts a worker's process; empty means
    the real one.
    """

    host: str = "127.0.0.1"
    port: int = PORT
    data: Path = Path("bottega-data")
    models: Path | None = None
    device: str = "auto"
    worker: tuple[str, ...] = ()
    handshake_seconds: float = 10.0

    def worker_command(self) -> tuple[str, ...]:
        """What starts a worker's process."""
        if self.worker:
            return self.worker
        models = ("--models", str(self.models)) if self.models else ()
        main = "bottega_backend.workers.main"
        wildcards = ("--wildcards", str(self.data / WILDCARDS))
        options = ("--device", self.device, *models, *wildcards)
        # -P: a torch.py in the folder where somebody types `bottega serve` is no torch of ours.
        return (sys.executable, "-P", "-m", main, *options)


def _say(url: str) -> None:
    sys.stdout.write(f"listening on {url}\n")
    sys.stdout.flush()


def serve(config: ServerConfig, announce: Callable[[str], None] = _say) -> int:
    """Serve until SIGINT or SIGTERM; gives the exit code. `announce` is told the address.

    What keeps it from serving is said in one line on standard error.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    # Pictures, prompts and the token are for the user who runs the server.
    os.umask(0o077)
    logging.getLogger("websockets").setLevel(logging.CRITICAL)
    try:
        asyncio.run(_serve(config, announce))
    except (CannotServe, StoreFailed) as error:
        sys.stderr.write(f"{error.message} {error.remedy}\n")
        return EXIT_CANNOT_SERVE
    return EXIT_ORDERLY


async def _serve(config: ServerConfig, announce: Callable[[str], None]) -> None:
    stop = _stop_on_signals()
    async with AsyncExitStack() as life:
        folder = life.enter_context(own_folder(config.data))
        settings = read_settings(folder)
        store = await life.enter_async_context(_open_store(folder))
        house = _furnish(config, folder, store, settings)
        await house.stage.recover()
        life.push_async_callback(house.stage.close)
        attendants = await life.enter_async_context(_attendants())
        doorway = Doorway(config.host, config.port, hosts=settings.http.hosts)
        door = await life.enter_async_context(open_door(doorway, house))
        host, port = door.sockets[0].getsockname()[:2]
        if not ip_address(host).is_loopback:
            log.warning("listening beyond this machine: pictures travel without encryption")
        url = f"ws://[{host}]:{port}" if ":" in host else f"ws://{host}:{port}"
        access = house.access
        listening = Listening(host, port, os.getpid(), access.server, access.token)
        await store.call(publish, folder, listening)
        announce(url)
        attendants.append(asyncio.create_task(_attend(config, folder, house.stage)))
        attendants.append(asyncio.create_task(sweep_often(store, settings.keep)))
        await _first_of(stop.wait(), attendants)
        log.info("stopping")


async def _attend(config: ServerConfig, folder: Path, stage: Stage) -> None:
    def make() -> ProcessWorker:
        return ProcessWorker(config.worker_command(), folder / "worker.log")

    await Attendant(0, make, stage).run()


async def _first_of(stop: Coroutine[Any, Any, Any], attendants: list[asyncio.Task[None]]) -> None:
    """Wait for the signal. An attendant never ends by itself: its error ends the server."""
    stopping = asyncio.create_task(stop)
    await asyncio.wait({stopping, *attendants}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    for attendant in attendants:
        if attendant.done():
            attendant.result()


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        # asyncio has no signals of its own on Windows.
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    return stop


@asynccontextmanager
async def _open_store(folder: Path) -> AsyncIterator[Store]:
    store = Store(folder)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


def _furnish(config: ServerConfig, folder: Path, store: Store, settings: Settings) -> House:
    catalog, audience = Catalog(config.models), Audience()
    for entry in catalog.unknown:
        log.warning("models: %s %s", entry.name, entry.why)
    return House(
        access=open_access(folder),
        store=store,
        catalog=catalog,
        wildcards=Wildcards(folder / WILDCARDS),
        stage=Stage(store, catalog, FirstComeQueue(), audience),
        audience=audience,
        bounds=Bounds(settings.limits),
        program=f"bottega {_version()}",
        handshake_seconds=config.handshake_seconds,
    )


def _version() -> str:
    try:
        return version("bottega")
    except PackageNotFoundError:
        return "from source"


@asynccontextmanager
async def _attendants() -> AsyncIterator[list[asyncio.Task[None]]]:
    """Tasks that are ended, with their workers, when the server ends."""
    tasks: list[asyncio.Task[None]] = []
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
