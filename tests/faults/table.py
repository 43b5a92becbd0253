"""Every section of the faults run: a module with `run(given) -> Figures`, a line each."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from .given import Section

STORE = "backend/bottega_backend/store"
SERVER = "backend/bottega_backend/server"
WORKERS = "backend/bottega_backend/workers"
ENGINE = "backend/bottega_backend/engine"
SCHEDULER = "backend/bottega_backend/scheduler"
PROTOCOL = "protocol/bottega_protocol"
CLIENT = "protocol/bottega_client"


@dataclass(frozen=True)
class Entry:
    """`watches` is the product code whose change makes a result old; `least` is CI's share."""

    name: str
    says: str
    watches: tuple[str, ...]
    least: float = 0.02

    @property
    def file(self) -> str:
        """Its module, from the root of the repository."""
        return f"tests/faults/sections/{self.name}.py"

    def load(self) -> Section:
        """Its `run`."""
        run: Section = import_module(f"faults.sections.{self.name}").run
        return run


SECTIONS = (
    Entry("disk", "A disk that forgets whatever was not synced", (STORE,), 0.2),
    Entry("journal", "The journal on files that forget whatever was not synced", (STORE,), 0.1),
    Entry("kills", "The server killed at named points and at random", (STORE, SERVER), 0.02),
    Entry("cuts", "Lines cut at any byte", (SERVER, STORE, CLIENT, PROTOCOL), 0.004),
    Entry("fuzz", "Malformed inputs", (PROTOCOL,), 0.002),
    Entry("soak", "Eight artists at mixed work for an hour", (SERVER, STORE, CLIENT), 0.004),
    Entry("workers", "Workers that die and hang", (SERVER, WORKERS, ENGINE), 0.01),
    Entry("peers", "Peers that are dead, asleep, slow, greedy or false", (SERVER, CLIENT), 0.01),
    Entry("host", "Port, settings, certificate, a machine that sleeps", (SERVER, CLIENT), 0.03),
    Entry("crowd", "Five hundred idle editors beside thirty-two busy ones", (SERVER,), 0.03),
    Entry("orphans", "Workers whose server was killed", (WORKERS,), 0.1),
    Entry("full", "Disks that are full, read-only or refuse", (STORE, SERVER), 0.05),
)
