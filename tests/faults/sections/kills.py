"""The server is killed at named points and at random, while artists go on; nothing is lost."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

import psutil
from fakes.served import Served
from faults.given import Figures, Given

from bottega_protocol.errors import BottegaError
from bottega_protocol.messages import Finished

from .kills_load import Artist, Witness
from .kills_server import POINTS
from .nursery import nursery, with_tests

EACH = 20
RANDOM = 200
ARTISTS = 8
WITNESSES = 2
GONE_SECONDS = 5.0
REACHED_SECONDS = 60.0
PROGRAM = Path(__file__).with_name("kills_server.py")
WITNESSING = """
CREATE TABLE IF NOT EXISTS faults_ends (number INTEGER);
CREATE TRIGGER IF NOT EXISTS faults_second_end AFTER UPDATE OF answer, state ON jobs
WHEN old.answer IS NOT NULL AND (new.answer IS NOT old.answer OR new.state != old.state)
BEGIN INSERT INTO faults_ends VALUES (old.number); END;
"""
"""Writes down every change of a terminal record: there must be none."""


class Doomed(Served):
    """A server that may be armed with a point; it comes back on the same port.

    `command` is the nursery's where there is one.
    """

    def __init__(self, data: Path, command: Sequence[str] = (sys.executable, str(PROGRAM))) -> None:
        super().__init__(data)
        self.armed = ("", 0)
        self.command = command
        self.options["worker"] = [*command, "step worker", str(data.parent / "worker.pid")]

    def launch(self, **options: object) -> subprocess.Popen[str]:
        """Start it, armed."""
        words = json.dumps({**self.options, **options})
        point, times = self.armed
        with (self.data.parent / "server.log").open("ab") as log:
            return subprocess.Popen(
                [*self.command, "server", words, point, str(times)],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=with_tests(),
            )

    def kill(self) -> None:
        """The server itself: what was started may only stand for it."""
        with suppress(ProcessLookupError):
            os.kill(int((self.data.parent / "server.pid").read_text()), signal.SIGKILL)
        self.process.wait(120)  # a disk may hold a dying process for long
        self.process.stdout.close()

    def again(self, point: str = "", times: int = 0) -> None:
        """Start once more, armed with this."""
        self.armed = (point, times)
        self.start()
        self.options["port"] = int(self.url.rpartition(":")[2])


def run(given: Given) -> Figures:
    """Kill by kill; then the reckoning."""
    with nursery(given.folder, PROGRAM) as command:
        return _run(given, command)


def _run(given: Given, command: list[str]) -> Figures:
    shutil.rmtree(given.folder / "data", ignore_errors=True)
    server, counts, broken = Doomed(given.folder / "data", command), Counter[str](), []
    server.again()
    _watch_ends(server.data)
    artists = [
        Artist(number, server.url, server.token, given.random("artist", number))
        for number in range(ARTISTS)
    ]
    witnesses = [
        Witness(server.url, server.token, given.random("witness", number))
        for number in range(WITNESSES)
    ]
    threads = [*artists, *(threading.Thread(target=one.run, daemon=True) for one in witnesses)]
    for thread in threads:
        thread.start()
    try:
        _at_points(given, server, counts, broken)
        _at_random(given, server, counts, broken)
        server.again()
        for one in (*artists, *witnesses):
            one.resting.set()
        for thread in threads:
            thread.join(300)
        _reckon(server, witnesses, counts, broken)
    finally:
        server.hang_up()
        server.kill()
    for artist in artists:
        counts.update(artist.counts)
        broken += artist.broken
    return Figures(dict(counts), tuple(broken[:20]))


def _at_points(given: Given, server: Doomed, counts: Counter[str], broken: list[str]) -> None:
    for point in POINTS:
        for number in range(given.count(EACH)):
            _end(server)
            server.again(point, given.random(point, number).randint(1, 4))
            if not _dies(server):
                broken.append(f"the point '{point}' was not reached")
            counts[f"kills at: {point}"] += 1
            _assert_gone(server, counts, broken)
        given.say(f"kills: {point}: {counts[f'kills at: {point}']}")


def _dies(server: Doomed) -> bool:
    """Whether it kills itself in time."""
    try:
        return server.process.wait(REACHED_SECONDS) == -signal.SIGKILL
    except subprocess.TimeoutExpired:
        return False


def _at_random(given: Given, server: Doomed, counts: Counter[str], broken: list[str]) -> None:
    for number in range(given.count(RANDOM, 3)):
        _end(server)
        server.again()
        time.sleep(given.random("pause", number).uniform(0.05, 1.5))
        _end(server)
        counts["kills at random"] += 1
        _assert_gone(server, counts, broken)
    _end(server)


def _end(server: Doomed) -> None:
    if server.process is not None and server.process.poll() is None:
        server.kill()


def _assert_gone(server: Doomed, counts: Counter[str], broken: list[str]) -> None:
    """No worker outlives its server for long."""
    deadline = time.monotonic() + GONE_SECONDS
    while (left := _left(server)) and time.monotonic() < deadline:
        time.sleep(0.02)
    counts["looks for workers that outlived their server"] += 1
    if left:
        broken.append(f"{len(left)} workers outlived their server by {GONE_SECONDS} s")


def _left(server: Doomed) -> list[int]:
    """The last worker that was started, if it lives."""
    try:
        pid = int((server.data.parent / "worker.pid").read_text())
        alive = psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except (OSError, ValueError, psutil.Error):
        return []
    return [pid] if alive else []


def _watch_ends(data: Path) -> None:
    with closing(sqlite3.connect(data / "bottega.sqlite3")) as base:
        base.executescript(WITNESSING)


def _reckon(
    server: Doomed, witnesses: list[Witness], counts: Counter[str], broken: list[str]
) -> None:
    """Every accepted job has ended, once, with the right pixels."""
    client = server.client()
    for order in [order for witness in witnesses for order in witness.accepted]:
        counts["jobs heard accepted and never sent again"] += 1
        try:
            answer = client.outcome(order.job)
            right = isinstance(answer, Finished) and (
                client.fetch(answer.result.layers[0].pixels) == order.negative
            )
            if not right:
                broken.append(f"an accepted job ended as {type(answer).__name__}")
        except BottegaError as error:
            broken.append(f"an accepted job is lost: {error.code}")
    with closing(sqlite3.connect(server.data / "bottega.sqlite3")) as base:
        rows = base.execute("SELECT state, COUNT(*) FROM jobs GROUP BY state").fetchall()
        (seconds,) = base.execute("SELECT COUNT(*) FROM faults_ends").fetchone()
    counts.update({f"jobs in the journal: {state}": count for state, count in rows})
    counts["terminal records that were changed"] += seconds
    if seconds or {state for state, _ in rows} - {"finished"}:
        broken.append(f"the journal ends with {dict(rows)}, {seconds} second terminal records")
