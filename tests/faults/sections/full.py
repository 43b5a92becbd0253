"""Disks that are full, refuse every write, or are read-only: they refuse work, they lose none."""

from __future__ import annotations

import resource
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from fakes.orders import Order
from fakes.served import Served
from fakes.talk import Talk, talk
from faults.given import Figures, Given

from bottega_backend.server.app import EXIT_CANNOT_SERVE
from bottega_protocol.messages import Accepted, Finished, Follow, Need, Progress, Refused

TIMES = 20
DISK_MEGABYTES = 200
"""Of which the server leaves 64 alone."""

SHUT_SECONDS = 2.0
"""How long a disk refuses while a job ends."""

REFUSALS = frozenset({"no-room", "store-failed"})
LARGE = 1024


def run(given: Given) -> Figures:
    """Every way in which a disk refuses; a file system of our own needs root."""
    counts: Counter[str] = Counter()
    broken: list[str] = []
    folder = given.folder / "nothing-grows"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    with Served(folder / "data") as server:
        for _ in range(given.count(TIMES)):
            broken += _while_it_refuses(server, _nothing_grows(server), counts, "no file may grow")
    try:
        with small_disk(given.folder / "disk") as disk:
            broken += _on(given, disk, counts)
    except PermissionError:
        counts["file systems of our own: not allowed here"] += 1
    return Figures(dict(counts), tuple(broken[:20]))


def _on(given: Given, disk: Path, counts: Counter[str]) -> list[str]:
    found = []
    with Served(disk / "data") as server:
        for _ in range(given.count(TIMES)):
            found += _while_it_refuses(server, _filled(disk), counts, "the disk is full")
        found += _promised(server, disk, counts)
    for _ in range(given.count(TIMES)):
        found += _read_only(disk, counts)
    return found


# --- disks -----------------------------------------------------------------------------------


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of its own; raises PermissionError for who may not mount one."""
    folder.mkdir(exist_ok=True)
    size = f"size={DISK_MEGABYTES}m"
    _mount("-t", "tmpfs", "-o", size, "tmpfs", str(folder))
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=False)


def _mount(*words: str) -> None:
    told = subprocess.run(["mount", *words], check=False, capture_output=True, text=True)
    if told.returncode:
        raise PermissionError(told.stderr)


@contextmanager
def _filled(disk: Path) -> Iterator[None]:
    """To the last byte, by somebody else."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        for size in (2**20, 2**12, 1):
            with suppress(OSError):
                while file.write(bytes(size)) == size:
                    pass
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def _nothing_grows(server: Served) -> Iterator[None]:
    """No file of the server's or its worker's may become longer than it is."""
    limit, before = resource.RLIMIT_FSIZE, {}
    processes = [server.process.pid, *(each.pid for each in _children(server))]
    for pid in processes:
        before[pid] = resource.prlimit(pid, limit, (0, resource.RLIM_INFINITY))
    try:
        yield
    finally:
        for pid, was in before.items():
            with suppress(ProcessLookupError):
                resource.prlimit(pid, limit, was)


def _children(server: Served) -> list[psutil.Process]:
    return psutil.Process(server.process.pid).children()


# --- what is tried ---------------------------------------------------------------------------


def _while_it_refuses(server: Served, refusing, counts: Counter[str], what: str) -> list[str]:  # type: ignore[no-untyped-def]
    """A job ends while the disk refuses, and another is asked for; afterwards both are painted."""
    found: list[str] = []
    gate = server.data.parent / "gate"
    gate.unlink(missing_ok=True)
    done, held, late = Order(), Order(f"hold:{gate}", steps=1), Order()
    with talk(server.url, server.token) as line:
        _submit(line, done)
        before = line.until(Finished)
        _submit(line, held)
        line.session.send(Follow(held.job))
        line.until(Progress, matching=lambda event: event.job == held.job)
        with refusing:
            gate.touch()
            time.sleep(SHUT_SECONDS)
            found += _refused(line, late)
            found += _fetched(server, done, before)
        counts[f"jobs that ended while {what}"] += 1
        line.until(Finished, matching=lambda event: event.job == held.job)
        _submit(line, late)
        line.until(Finished, matching=lambda event: event.job == late.job)
    for order in (done, held, late):
        found += _fetched(server, order, server.client().outcome(order.job))
    server.hang_up()
    counts["results that were right afterwards"] += 3
    return [f"{each}, while {what}" for each in found]


def _submit(line: Talk, order: Order) -> None:
    answer = line.ask(order.submit, Need, Accepted)
    if isinstance(answer, Need):
        for transfer, sha256 in enumerate(answer.hashes, start=1000 + len(line.blobs)):
            line.blobs[transfer] = bytearray()
            line.upload(transfer, sha256, order.blobs[sha256])
        line.until(Accepted)


def _refused(line: Talk, order: Order) -> list[str]:
    """A disk that refuses: the order is refused too, or still owes its blobs; never accepted."""
    answer = line.ask(order.submit, Need, Accepted, Refused)
    if isinstance(answer, Need):
        for transfer, sha256 in enumerate(answer.hashes, start=5000 + len(line.heard)):
            line.upload(transfer, sha256, order.blobs[sha256])
        line.flush()
        time.sleep(0.3)
        with suppress(TimeoutError):
            while True:
                for event in line.session.receive(line.socket.recv(timeout=0.3)):
                    line.heard.append(event)
    accepted = [each for each in line.heard if isinstance(each, Accepted)]
    if any(each.job == order.job for each in accepted):
        return ["an order was accepted"]
    codes = {each.code for each in line.heard if isinstance(each, Refused)}
    return [] if codes <= REFUSALS else [f"an order was refused with {codes}"]


def _fetched(server: Served, order: Order, outcome: object) -> list[str]:
    """The result can be had."""
    if not isinstance(outcome, Finished):
        return [f"a job ended as {outcome!r:.200}"]
    client = server.client()
    right = client.fetch(outcome.result.layers[0].pixels) == order.negative
    return [] if right else ["a result has other bytes"]


def _promised(server: Served, disk: Path, counts: Counter[str]) -> list[str]:
    """As many large jobs as are accepted: every one of them has room for its result."""
    gate = disk / "gate"
    gate.unlink(missing_ok=True)
    orders = [
        Order(f"hold:{gate}", LARGE, "generate", selected=False, seed=number, steps=1)
        for number in range(40)
    ]
    with talk(server.url, server.token) as line:
        answers = [line.ask(order.submit, Accepted, Refused) for order in orders]
    accepted = [
        order for order, answer in zip(orders, answers, strict=True) if isinstance(answer, Accepted)
    ]
    counts["large jobs accepted until the disk was promised away"] = len(accepted)
    counts["large jobs refused after that"] = len(orders) - len(accepted)
    gate.touch()
    client = server.client()
    ends = [list(order.follow(client))[-1] for order in accepted]
    server.hang_up()
    found = [f"an accepted job ended as {end!r:.200}" for end in ends if type(end) is not Finished]
    if not 0 < len(accepted) < len(orders):
        found.append(f"{len(accepted)} of {len(orders)} large jobs were accepted")
    return found


def _read_only(disk: Path, counts: Counter[str]) -> list[str]:
    """A server on a disk that became read-only does not start, says so, and changes nothing."""
    found = []
    _mount("-o", "remount,ro", str(disk))
    try:
        server = Served(disk / "data")
        server.data = disk.parent / "nowhere" / "data"
        server.data.parent.mkdir(exist_ok=True)
        process = server.launch(data=str(disk / "data"))
        _, errors = process.communicate(timeout=60)
        counts["starts on a read-only disk"] += 1
        if process.returncode != EXIT_CANNOT_SERVE or "data folder" not in errors:
            found.append(f"on a read-only disk: exit {process.returncode}, {errors:.200}")
    finally:
        _mount("-o", "remount,rw", str(disk))
    with Served(disk / "data") as server:
        rows = server.client().results(most=100)
        states = {row.state for row in rows}
        if not rows or states != {"finished"}:
            found.append(f"after a read-only disk the journal holds {states}")
    return found
