"""A worker without its pipe: commands of the server in, events out, an engine in between."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bottega_backend.capabilities.blobs import Blobs
from bottega_backend.capabilities.table import RECIPES
from bottega_backend.engine.device import Device
from bottega_backend.engine.engine import Engine, Slice, Watch
from bottega_backend.engine.residence import Source
from bottega_backend.engine.seat import End, Failed, Finished
from bottega_backend.engine.stage import Task, View
from bottega_backend.offers.alternatives import resolve_prompts
from bottega_backend.offers.table import choose_model
from bottega_backend.shelf.catalog import Catalog
from bottega_backend.shelf.wildcards import Wildcards
from bottega_protocol.errors import BottegaError
from bottega_protocol.messages import Progress
from bottega_protocol.requests import capability_of

from .interface import (
    Advance,
    Advanced,
    BlobFile,
    Broken,
    Command,
    Done,
    Ended,
    Event,
    Start,
    Stop,
)

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Attempt:
    """One attempt at a job, and the blobs that it reads and writes."""

    job: bytes
    number: int
    blobs: Blobs

    @property
    def key(self) -> bytes:
        """What the engine knows it by: an old attempt may still end after a new one began."""
        return self.job + self.number.to_bytes(4, "big")


class Studio:
    """One device's jobs. `advance` is the whole of it."""

    def __init__(
        self,
        catalog: Catalog,
        device: Device,
        watch: Watch | None = None,
        wildcards: Wildcards | None = None,
    ) -> None:
        self._catalog = catalog
        self._wildcards = wildcards or Wildcards()
        self._engine = Engine(device, watch=watch)
        self._attempts: dict[bytes, _Attempt] = {}
        self._early: list[Event] = []

    def advance(self, order: Advance) -> Advanced:
        """Obey, work for about the budget, tell what happened."""
        for command in order.commands:
            self._obey(command)
        slice_ = self._engine.advance(order.budget_ms / 1000)
        events, self._early = self._early + self._events(slice_), []
        return Advanced(tuple(events), slice_.busy, slice_.patience)

    def close(self) -> None:
        """Give every job up and the memory back."""
        self._engine.close()

    def _obey(self, command: Command) -> None:
        if isinstance(command, Stop):
            for attempt in self._attempts.values():
                if attempt.job == command.job:
                    self._engine.stop(attempt.key)
            return
        try:
            self._begin(command)
        except BottegaError as error:
            self._early.append(_broken(command.job, command.attempt, error))

    def _begin(self, start: Start) -> None:
        capability = capability_of(start.request)
        model = choose_model(capability, start.request.model, self._catalog)
        blobs = Blobs({blob.sha256: Path(blob.path) for blob in start.inputs}, Path(start.output))
        attempt = _Attempt(start.job, start.attempt, blobs)
        if attempt.key in self._attempts:
            return
        # Recipes see decided prompts only, and so does what they leave in the result.
        request = resolve_prompts(start.request, self._wildcards.lines)
        self._attempts[attempt.key] = attempt
        work = partial(RECIPES[capability], request, model, blobs)
        source = Source(model.family, model.folder)
        self._engine.add(Task(attempt.key, source, work, start.weight))

    def _events(self, slice_: Slice) -> list[Event]:
        # Ends first: an attempt that ended must not be taken for the end of the one after it.
        events = [self._ended(end) for end in slice_.ends]
        for key, view in slice_.moved:
            events.extend(_moved(self._attempts[key].job, view))
        return events

    def _ended(self, end: End) -> Event:
        attempt = self._attempts.pop(end.job)
        if isinstance(end, Finished):
            written = attempt.blobs.written.items()
            files = tuple(BlobFile(sha256, str(path)) for sha256, path in written)
            return Done(attempt.job, attempt.number, end.value, files, end.timings)
        if isinstance(end, Failed):
            return _broken(attempt.job, attempt.number, end.error)
        return Ended(attempt.job)


def _moved(job: bytes, view: View) -> list[Event]:
    events: list[Event] = []
    if view.moved:
        events.append(Progress(job, view.phase, view.step, view.steps))
    if view.shown is not None:
        events.append(view.shown(job))
    return events


def _broken(job: bytes, attempt: int, error: Exception) -> Broken:
    if isinstance(error, BottegaError):
        return Broken(job, attempt, error.code, _sayable(error.message), _sayable(error.remedy))
    LOG.error("job %s failed", job.hex(), exc_info=error)
    told = _sayable(
        f"Something went wrong while painting ({type(error).__name__}: {error!s:.500})."
    )
    return Broken(job, attempt, "internal", told, "Try again; the server's log says more.")


def _sayable(text: str) -> str:
    """What the wire takes for a message, whatever a library wrote into its exception."""
    return text.replace("\0", "").encode(errors="replace").decode()[:2000]
