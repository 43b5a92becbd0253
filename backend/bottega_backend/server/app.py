"""The server's life: lock, store, door, workers, signals; and back in that order."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bottega_backend.errors import CannotServe, StoreFailed
from bottega_backend.scheduler.queue import TurnsQueue
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
from .certificate import Certificate
from .door import Doorway, open_door
from .drain import drained, forget_drain
from .eviction import enforce
from .exposure import Exposure, certified, check_open, is_local, nearby
from .house import House
from .limits import Bounds
from .logs import Logging, configure
from .roster import Roster
from .stage import Stage

PORT = 8765
WILDCARDS = "wildcards"
"""In the data folder: word lists for prompts."""

SOON_DAYS = 30
LASTS = "the certificate lasts %s days more"

MOST_FILES = 65_536
"""Open files that the server asks for: sockets that have not spoken TLS yet count in no limit."""

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
    certificate: Path | None = None
    key: Path | None = None
    insecure: bool = False
    log: Logging = Logging()

    @property
    def exposure(self) -> Exposure:
        """Who can reach it, and how it is encrypted."""
        return Exposure(self.host, self.certificate, self.key, self.insecure)

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
    configure(config.log)
    _allow_many_files()
    # Pictures, prompts and the token are for the user who runs the server.
    os.umask(0o077)
    try:
        asyncio.run(_serve(config, announce))
    except (CannotServe, StoreFailed) as error:
        sys.stderr.write(f"{error.message} {error.remedy}\n")
        return EXIT_CANNOT_SERVE
    return EXIT_ORDERLY


def _allow_many_files() -> None:
    """As many open files as the system lets this user have: sockets must not use up the blobs'."""
    if sys.platform == "win32":  # there is no such limit
        return
    import resource  # noqa: PLC0415  # not on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(MOST_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def _serve(config: ServerConfig, announce: Callable[[str], None]) -> None:
    stop = _stop_on_signals()
    async with AsyncExitStack() as life:
        folder = life.enter_context(own_folder(config.data))
        life.callback(forget_drain, folder)
        forget_drain(folder)
        settings = read_settings(folder)
        store = await life.enter_async_context(_open_store(folder))
        roster = await life.enter_async_context(_open_roster(folder))
        check_open(config.exposure, artists=bool(roster.known.quotas))
        certificate = certified(config.exposure, folder)
        house = _furnish(config, Rooms(folder, store, roster, certificate), settings)
        await house.stage.recover()
        roster.follow(partial(enforce, house))
        life.push_async_callback(house.stage.close)
        attendants = await life.enter_async_context(_attendants())
        tls = certificate.context() if certificate else None
        doorway = Doorway(config.host, config.port, tls, settings.http.hosts)
        door = await life.enter_async_context(open_door(doorway, house))
        host, port = door.sockets[0].getsockname()[:2]
        await store.call(publish, folder, _listening(house, host, port))
        announce(_url(host, port, certificate))
        attendants.append(asyncio.create_task(_attend(config, folder, house.stage)))
        attendants.append(asyncio.create_task(roster.watch()))
        attendants.append(asyncio.create_task(drained(folder, house.stage)))
        attendants.append(asyncio.create_task(sweep_often(store, settings.keep)))
        await _first_of(stop.wait(), attendants)
        log.info("stopping")


def _listening(house: House, host: str, port: int) -> Listening:
    access = house.access
    return Listening(
        nearby(host), port, os.getpid(), access.server, access.token, host, house.binding.hex()
    )


def _url(host: str, port: int, certificate: Certificate | None) -> str:
    if certificate is None and not is_local(host):
        log.warning("listening beyond this machine: pictures travel without encryption")
    elif certificate is not None:
        days = (certificate.ends - datetime.now(UTC)).days
        log.log(logging.WARNING if days < SOON_DAYS else logging.INFO, LASTS, days)
    scheme = "wss" if certificate else "ws"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


async def _attend(config: ServerConfig, folder: Path, stage: Stage) -> None:
    def make() -> ProcessWorker:
        return ProcessWorker(config.worker_command(), folder / "worker.log")

    await Attendant(0, make, stage).run()


async def _first_of(stop: Coroutine[Any, Any, Any], attendants: list[asyncio.Task[None]]) -> None:
    """Wait for the signal, or for the first task that ends: drained, or by an error."""
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


@asynccontextmanager
async def _open_roster(folder: Path) -> AsyncIterator[Roster]:
    roster = Roster(folder)
    await roster.open()
    try:
        yield roster
    finally:
        await roster.close()


@dataclass(frozen=True)
class Rooms:
    """What was opened in the data folder."""

    folder: Path
    store: Store
    roster: Roster
    certificate: Certificate | None


def _furnish(config: ServerConfig, rooms: Rooms, settings: Settings) -> House:
    folder, store, roster = rooms.folder, rooms.store, rooms.roster
    catalog, audience = Catalog(config.models), Audience()
    for entry in catalog.unknown:
        log.warning("models: %s %s", entry.name, entry.why)
    return House(
        access=open_access(folder),
        roster=roster,
        store=store,
        catalog=catalog,
        wildcards=Wildcards(folder / WILDCARDS),
        stage=Stage(store, catalog, TurnsQueue(time.monotonic), audience),
        audience=audience,
        bounds=Bounds(settings.limits, roster.quota),
        program=f"bottega {_version()}",
        binding=rooms.certificate.fingerprint if rooms.certificate else b"",
        handshake_seconds=config.handshake_seconds,
        log_prompts=config.log.prompts,
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
