"""Peers that are dead, asleep, slow, greedy, false or somebody else: the others go on working."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from fakes.deaf import Deaf
from fakes.orders import Order
from fakes.served import Served
from faults.given import Figures, Given

from bottega_client.client import Client
from bottega_client.launch import Address, find_server
from bottega_protocol.errors import BottegaError
from bottega_protocol.images import Layout
from bottega_protocol.messages import AskOffers, AskQuote, Finished, Progress
from bottega_protocol.regions import Rectangle, Size

from .peers_dark import DarkLine
from .peers_impostor import PLOYS, fooled

DARK = 4
DARK_SECONDS = 70.0
"""In which both ends must have noticed: a ping every 20 s, 20 s for its answer, and some more."""

SILENT = 6
GREEDY, GREEDY_TOKEN = "greedy", "a token of the greedy one's own"
ASKED_AT_ONCE = 500
SLOW = 60
SLOW_SECONDS = 40.0
OPENING = 5.0
"""Seconds that the server gives a socket to say what it wants."""

STOPPED_SECONDS = 300.0
MOST_GROWTH = 64 * 2**20
"""Bytes of the server for those who never read."""

NOBODY = 65534
FAR = "127.0.0.2"
"""Another address of this machine: limits of addresses are not to meet the honest one."""

RETRIES = (0.1,) * 900


@dataclass
class Found:
    """What was counted and what did not hold; any thread may add."""

    counts: dict[str, int | float | str] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def expect(self, held: object, sentence: str) -> None:
        """Note a sentence that does not hold."""
        if not held:
            self.broken.append(sentence)


def run(given: Given) -> Figures:
    """All at once against one server with its ordinary limits, while an honest artist works."""
    found, over = Found(), threading.Event()
    with tempfile.TemporaryDirectory() as name:  # whose folder another user may enter
        folder = Path(name)
        folder.chmod(0o755)
        with Served(folder / "data", accounts={GREEDY: GREEDY_TOKEN}) as served:
            honest = threading.Thread(target=_honest, args=(served, over, found))
            honest.start()
            with ThreadPoolExecutor(len(CASES)) as pool:
                for case in [pool.submit(case, given, served, found) for case in CASES]:
                    case.result()
            over.set()
            honest.join(60)
            found.expect("Traceback" not in served.log(), "The server's log has a traceback.")
    return Figures(found.counts, tuple(found.broken))


def _honest(served: Served, over: threading.Event, found: Found) -> None:
    """Works all the time; nobody may keep it from that."""
    client = Client(Address(served.url, served.token), "honest", RETRIES)
    done, waits = 0, []
    question = ("fill", Size(999, 999), Rectangle(9, 9, 99, 99), Layout("RGBA", "u8"))
    while not over.is_set():
        try:
            begun = time.perf_counter()
            client.quote(lambda number: AskQuote(number, *question))
            waits.append(time.perf_counter() - begun)
            order = Order(side=32)
            finished = list(order.follow(client))[-1]
            held = client.fetch(finished.result.layers[0].pixels) == order.negative
            found.expect(held, "The honest artist got other pixels.")
        except BottegaError as error:
            found.broken.append(f"The honest artist: {error.code} {error.message}")
            break
        done += 1
        over.wait(0.2)
    waits.sort()
    found.counts["honest artist beside them, jobs"] = done
    found.counts["honest artist, quote, median / longest, ms"] = (
        f"{1e3 * waits[len(waits) // 2]:.1f} / {1e3 * waits[-1]:.0f}"
    )
    found.expect(client.traffic[0] and done, "The honest artist did nothing.")
    client.close()


def half_open(given: Given, served: Served, found: Found) -> None:
    """The network is gone without a word: both ends notice, the job goes on over another line."""
    count = given.count(DARK)
    line = DarkLine(int(served.url.rpartition(":")[2]))
    gate = Path(tempfile.mkdtemp()) / "gate"
    waiting = [threading.Event() for _ in range(count)]
    ended: list[bool] = []

    def follow(runs: threading.Event) -> None:
        client, order = Client(Address(line.url, served.token), "dark", RETRIES), _held(gate)
        for event in order.follow(client):
            if isinstance(event, Progress):
                runs.set()
        content = client.fetch(event.result.layers[0].pixels)
        ended.append(isinstance(event, Finished) and content == order.negative)
        client.close()

    threads = [threading.Thread(target=follow, args=(runs,)) for runs in waiting]
    for thread in threads:
        thread.start()
    for runs in waiting:
        runs.wait(60)
    before = line.connections
    line.go_dark()
    gate.touch()
    for thread in threads:
        thread.join(DARK_SECONDS)
    line.close()
    found.expect(ended == [True] * count, f"Of {count} half-open lines {ended} came back.")
    found.counts["half-open lines, whose jobs arrived over another"] = sum(ended)
    found.expect(line.connections >= before + count, "Nobody noticed that the line was dark.")


def never_reads(given: Given, served: Served, found: Found) -> None:
    """They ask on and on and read nothing: bounded memory, and in the end they are hung up on."""
    server = psutil.Process(served.process.pid)
    before = server.memory_info().rss
    deaf = [Deaf(served.url, GREEDY_TOKEN, GREEDY) for _ in range(given.count(SILENT, 2))]
    begun, most = time.monotonic(), 0
    while _connected(server, deaf) and time.monotonic() < begun + DARK_SECONDS:
        for one in deaf:
            with suppress(OSError):
                for number in range(ASKED_AT_ONCE):
                    if not one.say(AskOffers(number)):
                        break
        most = max(most, server.memory_info().rss - before)
        time.sleep(0.5)
    left = _connected(server, deaf)
    found.expect(most < MOST_GROWTH, f"Those who never read cost {most} bytes.")
    found.expect(not left, f"{left} who never read still have their connections.")
    found.counts["peers that never read, hung up on"] = len(deaf) - left
    found.counts["they were hung up on within, s"] = round(time.monotonic() - begun)
    found.counts["server's growth at most, beside everything here, MB"] = round(most / 2**20, 1)


def _connected(server: psutil.Process, deaf: list[Deaf]) -> int:
    """How many of them have a connection, as the server sees it."""
    ports = {one.port for one in deaf}
    lines = server.net_connections("tcp")
    return sum(bool(line.raddr) and line.raddr.port in ports for line in lines)


def stopped(given: Given, served: Served, found: Found) -> None:
    """An editor's machine sleeps: it wakes up, and its picture comes."""
    seconds = max(3.0, STOPPED_SECONDS * given.share)
    gate = Path(tempfile.mkdtemp()) / "gate"
    told = {"url": served.url, "token": served.token, "prompt": f"hold:{gate}"}
    words = [sys.executable, str(Path(__file__).with_name("peers_stopped.py")), json.dumps(told)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment) as editor:
        if editor.stdout is None or editor.stdout.readline() != "running\n":
            found.broken.append("The editor that is to be stopped does not run.")
            return
        editor.send_signal(signal.SIGSTOP)
        gate.touch()
        time.sleep(seconds)
        editor.send_signal(signal.SIGCONT)
        said = editor.stdout.readline()
        editor.wait(120)
    found.expect(said.startswith("whole"), f"A stopped editor says {said!r}.")
    found.counts["an editor stopped, seconds; its picture came afterwards"] = round(seconds)


def slowloris(given: Given, served: Served, found: Found) -> None:
    """Sockets that say a byte a second, from another address: hung up on, always."""
    port = int(served.url.rpartition(":")[2])
    over = time.monotonic() + max(OPENING + 5, SLOW_SECONDS * min(1.0, 10 * given.share))
    lasted: list[float] = []

    def drip() -> None:
        while time.monotonic() < over:
            begun = time.monotonic()
            with (
                suppress(OSError),
                socket.create_connection(("127.0.0.1", port), 10, (FAR, 0)) as line,
            ):
                line.sendall(b"GET / HTTP/1.1\r\n")
                while time.monotonic() - begun < 60:
                    line.sendall(b"X")
                    line.settimeout(1.0)
                    try:
                        if not line.recv(1):
                            break
                    except TimeoutError:
                        continue
            lasted.append(time.monotonic() - begun)
            time.sleep(0.1)

    threads = [threading.Thread(target=drip) for _ in range(given.count(SLOW, 20))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found.counts["sockets of a byte a second, hung up on"] = len(lasted)
    found.counts["such a socket lasted at most, s"] = round(max(lasted), 1)
    # The machine is busy, and there is time for a last word.
    found.expect(max(lasted) < 4 * OPENING, f"A dripping socket lasted {max(lasted):.0f} s.")


def impostor(_: Given, __: Served, found: Found) -> None:
    """A program on the server's port learns no token, and no word beyond hello and proof."""
    found.broken += fooled()
    found.counts["ploys of an impostor on the port, all seen through"] = len(PLOYS)


def other_user(_: Given, served: Served, found: Found) -> None:
    """Another user of this machine reads nothing of the data folder, and has no token."""
    if os.name == "nt" or os.getuid() != 0:
        found.counts["another user of the machine"] = "not tried: that needs root"
        return
    tried = [served.data, *served.data.rglob("*"), Path(f"/proc/{served.process.pid}/environ")]
    opened = [path for path in tried if _reads(path)]
    found.expect(not opened, f"Another user reads {[str(path) for path in opened[:5]]}.")
    found.counts["files and folders that another user tried to read"] = len(tried)
    signalled = _as_nobody("kill", "-STOP", str(served.process.pid))
    found.expect(signalled != 0, "Another user stops the server.")
    found.expect(find_server(served.data).token, "The owner does not read the token.")


def _reads(path: Path) -> bool:
    return _as_nobody(*(("ls", str(path)) if path.is_dir() else ("cat", str(path)))) == 0


def _as_nobody(*words: str) -> int:
    done = subprocess.run(
        words, user=NOBODY, group=NOBODY, extra_groups=[], capture_output=True, check=False
    )
    return done.returncode


def _held(gate: Path) -> Order:
    return Order(f"hold:{gate}", side=48)


CASES: tuple[Callable[[Given, Served, Found], None], ...] = (
    half_open,
    never_reads,
    stopped,
    slowloris,
    impostor,
    other_user,
)
