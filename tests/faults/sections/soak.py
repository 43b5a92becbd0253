"""Eight artists at mixed work for an hour: memory, descriptors and latency stay as they are."""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import psutil
from faults.given import Figures, Given
from faults.wide import wide

from bottega_client.launch import Address

from .soak_artist import Artist

SECONDS = 3600.0
CLIENTS = 8
ACCOUNTS = {name: f"a token of {name}'s own" for name in ("ada", "bea", "cem", "dov")}
SAMPLES = 120
WARM = 0.15
"""Of the samples: before that caches fill."""

MOST_GROWTH = {
    "server, MB": 24.0,
    "worker, MB": 24.0,
    "clients, MB": 24.0,
    "server, descriptors": 4.0,
    "clients, descriptors": 12.0,
    "server, threads": 2.0,
}
"""Over the whole run, by a straight line through the samples."""

MOST_DEARER = 0.5
"""By what part the server's processor time for a piece of work may grow over the run."""


@dataclass
class Samples:
    """What was measured, by name, each with its second."""

    at: list[float] = field(default_factory=list)
    values: dict[str, list[float]] = field(default_factory=dict)

    def add(self, second: float, values: dict[str, float]) -> None:
        """One look."""
        self.at.append(second)
        for name, value in values.items():
            self.values.setdefault(name, []).append(value)

    def slope(self, name: str) -> float:
        """Per second, after the warm-up: least squares."""
        first = int(len(self.at) * WARM)
        times, values = self.at[first:], self.values[name][first:]
        return float(statistics.linear_regression(times, values).slope) if len(times) > 2 else 0.0

    def middle(self, name: str) -> float:
        """The median after the warm-up."""
        return statistics.median(self.values[name][int(len(self.at) * WARM) :])


def run(given: Given) -> Figures:
    """Let them work, look at everything from time to time, judge in the end."""
    seconds = max(12.0, SECONDS * given.share)
    over, samples = threading.Event(), Samples()
    with wide(given.folder, accounts=ACCOUNTS) as served:
        artists = [
            Artist(Address(served.url, token, account), given.random(account, number), over)
            for account, token in ACCOUNTS.items()
            for number in range(CLIENTS // len(ACCOUNTS))
        ]
        for artist in artists:
            artist.start()
        processes = {
            "server": psutil.Process(served.process.pid),
            "worker": served.worker(),
            "clients": psutil.Process(os.getpid()),
        }
        _watch(given, seconds, (artists, processes, samples))
        over.set()
        for artist in artists:
            artist.join(120)
        log = served.log()
    broken = [sentence for artist in artists for sentence in artist.broken]
    broken += ["The server's log has a traceback."] if "Traceback" in log else []
    broken += ["An artist's thread hangs."] if any(artist.is_alive() for artist in artists) else []
    return _judged(artists, samples, broken)


def _watch(
    given: Given,
    seconds: float,
    what: tuple[list[Artist], dict[str, psutil.Process], Samples],
) -> None:
    artists, processes, samples = what
    begun = last = time.monotonic()
    pace = seconds / SAMPLES
    seen = [0] * len(artists)
    before = _spent(artists, processes)
    while last < begun + seconds:
        time.sleep(max(0.0, last + pace - time.monotonic()))
        last = time.monotonic()
        quotes = [artist.quotes[start:] for artist, start in zip(artists, seen, strict=True)]
        seen = [len(artist.quotes) for artist in artists]
        now = _spent(artists, processes)
        work = max(1.0, now[1] - before[1])
        values = _resources(processes)
        values["server, CPU ms for a piece of work"] = 1e3 * (now[0] - before[0]) / work
        waited = [wait for one in quotes for wait in one]
        values["quote, median ms"] = 1e3 * statistics.median(waited) if waited else 0.0
        samples.add(last - begun, values)
        before = now
        given.keep("samples", {"at": samples.at, **samples.values})
        if len(samples.at) % 10 == 0:
            given.say(f"soak: {last - begun:.0f} s of {seconds:.0f}, {sum(seen)} quotes")


def _spent(artists: list[Artist], processes: dict[str, psutil.Process]) -> tuple[float, float]:
    """Seconds of the server's processor time, and pieces of work that are done."""
    times = processes["server"].cpu_times()
    return times.user + times.system, float(sum(sum(artist.done.values()) for artist in artists))


def _resources(processes: dict[str, psutil.Process]) -> dict[str, float]:
    values: dict[str, float] = {}
    for name, process in processes.items():
        values[f"{name}, MB"] = process.memory_info().rss / 2**20
        values[f"{name}, descriptors"] = process.num_fds() if os.name != "nt" else 0
        values[f"{name}, threads"] = process.num_threads()
    return values


def _judged(artists: list[Artist], samples: Samples, broken: list[str]) -> Figures:
    lasted = samples.at[-1]
    done = sum((artist.done for artist in artists), Counter[str]())
    counts: dict[str, int | float | str] = {"seconds": round(lasted), **done}
    waits = sorted(wait for artist in artists for wait in artist.quotes)
    counts["quote, median / 99 % of all, ms"] = (
        f"{1e3 * waits[len(waits) // 2]:.1f} / {1e3 * waits[len(waits) * 99 // 100]:.1f}"
    )
    for name in samples.values:
        slope = samples.slope(name)
        counts[f"{name}: median, slope per hour"] = (
            f"{samples.middle(name):.1f}, {slope * 3600:+.2f}"
        )
        if slope * lasted > MOST_GROWTH.get(name, float("inf")):
            broken.append(f"{name} grew by {slope * lasted:.1f} in {lasted:.0f} s.")
    dearer = "server, CPU ms for a piece of work"
    if samples.slope(dearer) * lasted > MOST_DEARER * samples.middle(dearer) and lasted > 600:
        broken.append(f"{dearer} grew by {samples.slope(dearer) * lasted:.1f}.")
    return Figures(counts, tuple(broken))
