"""The machine around the server: port, settings, certificate, a process that is stopped."""

from __future__ import annotations

import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
from fakes.orders import Order
from fakes.served import Served
from faults.given import Figures, Given
from faults.wide import wide

from bottega_backend.server.certificate import make_certificate
from bottega_client.client import Client
from bottega_client.launch import Address, find_server
from bottega_protocol.errors import BottegaError
from bottega_protocol.messages import Finished

CANNOT_SERVE = 4
STOPS = 3
STOPPED_SECONDS = 60.0
"""Longer than any ping is waited for."""

CLIENTS = 4
RETRIES = (0.2,) * 600

SETTINGS = {
    "no TOML": b"[limits\nsockets = 3",
    "an unknown table": b"[limit]\nsockets = 3\n",
    "an unknown setting": b"[limits]\nsocket = 3\n",
    "a number below zero": b"[limits]\nsockets = -3\n",
    "text for a number": b'[keep]\ndays = "many"\n',
    "no UTF-8": b"\xff\xfe[keep]\n",
    "a folder": None,
}


@dataclass
class Found:
    """What was counted and what did not hold."""

    counts: dict[str, int | float | str] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def expect(self, held: object, sentence: str) -> None:
        """Note a sentence that does not hold."""
        if not held:
            self.broken.append(sentence)


def run(given: Given) -> Figures:
    """Each by itself, in a folder of its own."""
    found = Found()
    for name, try_out in CASES.items():
        folder = given.folder / name
        folder.mkdir(exist_ok=True)
        try_out(given, folder, found)
        given.say(f"host: {name}, {len(found.broken)} broken")
    return Figures(found.counts, tuple(found.broken))


def _refusal(served: Served, **options: object) -> tuple[int, str]:
    """The exit code and the words of a server that does not come up."""
    process = served.launch(**options)
    try:
        _, errors = process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        return 0, "it serves"
    return process.returncode, errors or served.log()


def port_busy(_: Given, folder: Path, found: Found) -> None:
    """Another program has the port: one line that names it, and a code of its own."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, said = _refusal(Served(folder / "data"), port=port)
    found.expect(code == CANNOT_SERVE and str(port) in said, f"A busy port: {code}, {said[-300:]}")
    found.expect("Traceback" not in said, "A busy port ends in a traceback.")
    found.counts["port busy: refused with its number and a remedy"] = int(code == CANNOT_SERVE)


def settings_broken(_: Given, folder: Path, found: Found) -> None:
    """Each flaw is told with the file's name; nothing is guessed."""
    told = 0
    for number, (flaw, content) in enumerate(SETTINGS.items()):
        data = folder / f"{number}" / "data"
        data.mkdir(parents=True)
        file = data / "settings.toml"
        if content is None:
            file.mkdir()
        else:
            file.write_bytes(content)
        code, said = _refusal(Served(data), host="127.0.0.1")
        held = code == CANNOT_SERVE and str(file) in said and "Traceback" not in said
        found.expect(held, f"Settings with {flaw}: {code}, {said[-300:]}")
        told += held
    found.counts["broken settings files, each told by its name"] = told


def certificate_expired(_: Given, folder: Path, found: Found) -> None:
    """The server does not start with one; an editor says so of one that expires while it runs."""
    files = {}
    for name, lasts in (("expired", -1.0), ("expiring", 12.0)):
        files[name] = folder / f"{name}.pem"
        ends = datetime.now(UTC) + timedelta(seconds=lasts)
        files[name].write_bytes(make_certificate(ends - timedelta(days=365.25), 1.0))
        files[name].chmod(0o600)
    options = {"certificate": str(files["expired"]), "key": str(files["expired"])}
    (folder / "a").mkdir()
    code, said = _refusal(Served(folder / "a" / "data", **options), port=0)
    held = code == CANNOT_SERVE and "expired" in said and "Traceback" not in said
    found.expect(held, f"An expired certificate: {code}, {said[-300:]}")
    options = {"certificate": str(files["expiring"]), "key": str(files["expiring"])}
    (folder / "b").mkdir()
    with Served(folder / "b" / "data", **options) as served:
        before = _told(served)
        time.sleep(14)
        after = _told(served)
    found.expect(before == "", f"A certificate that lasts is refused: {before}.")
    found.expect(after == "certificate-expired", f"An expired certificate is told as {after!r}.")
    found.counts["certificate expired: told by the server at its start"] = int(held)
    found.counts["certificate expired: told by the editor"] = int(after == "certificate-expired")


def _told(served: Served) -> str:
    """The code of what keeps a client out; "" where it gets in."""
    listening = find_server(served.data)
    client = Client(Address(served.url, listening.token, "local", listening.pin), "test", ())
    try:
        client.connect()
    except BottegaError as error:
        return error.code
    client.close()
    return ""


def stopped_and_continued(given: Given, folder: Path, found: Found) -> None:
    """A laptop that sleeps: every job that was under way is there afterwards, once."""
    seconds = max(2.0, STOPPED_SECONDS * given.share)
    with wide(folder) as served:
        over = threading.Event()
        jobs: list[Order] = []
        workers = [
            threading.Thread(target=_work, args=(served, over, jobs, found)) for _ in range(CLIENTS)
        ]
        for worker in workers:
            worker.start()
        for _ in range(given.count(STOPS)):
            time.sleep(1.5)
            _sleep(psutil.Process(served.process.pid), seconds)
        time.sleep(1.5)
        over.set()
        for worker in workers:
            worker.join(200)
        kept = served.client().results(most=100)
        found.expect(not any(worker.is_alive() for worker in workers), "A client hangs.")
        found.expect("Traceback" not in served.log(), "The server's log has a traceback.")
    states = {row.state for row in kept}
    found.expect(states == {"finished"}, f"Jobs over a stop ended as {states}.")
    most = min(100, len(jobs))
    found.expect(len(kept) == most, f"{len(kept)} jobs are kept of {most}.")
    found.counts["server stopped and continued, times"] = given.count(STOPS)
    found.counts["server stopped, seconds each"] = round(seconds, 1)
    found.counts["jobs over the stops, all finished once"] = len(jobs)


def _sleep(server: psutil.Process, seconds: float) -> None:
    """Stop the server and its worker, then let both go on."""
    family = [server, *server.children(recursive=True)]
    for process in family:
        process.send_signal(signal.SIGSTOP)
    time.sleep(seconds)
    for process in family:
        process.send_signal(signal.SIGCONT)


def _work(served: Served, over: threading.Event, jobs: list[Order], found: Found) -> None:
    client = Client(Address(served.url, served.token, "local"), "test", RETRIES)
    while not over.is_set():
        order = Order(side=48, steps=24)
        jobs.append(order)
        try:
            finished = list(order.follow(client))[-1]
            held = (
                isinstance(finished, Finished)
                and client.fetch(finished.result.layers[0].pixels) == order.negative
            )
            found.expect(held, f"A job over a stop ended with {type(finished).__name__}.")
        except BottegaError as error:
            found.broken.append(f"A client over a stop: {error.code} {error.message}")
            break
        over.wait(0.1)
    client.close()


CASES: dict[str, Callable[[Given, Path, Found], None]] = {
    "port": port_busy,
    "settings": settings_broken,
    "certificate": certificate_expired,
    "stopped": stopped_and_continued,
}
