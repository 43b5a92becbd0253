"""A worker without its pipe: commands of the server in, events out, an engine in between."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from bottega_backend.capabilities.blobs import Blobs
from bottega_backend.capabilities.table import RECIPES
from bottega_backend.engine.device import Device
from bottega_backend.engine.engine import Engine, Slice, Watch
from bottega_backend.engine.residence import Source
from bottega_backend.engine.stage import Task
from bottega_backend.offers.table import choose_model
from bottega_backend.offers.variations import each_alone
from bottega_backend.shelf.catalog import Catalog
from bottega_backend.shelf.wildcards import Wildcards
from bottega_protocol.errors import BottegaError
from bottega_protocol.requests import capability_of

from .attempt import Attempt, Variation, job_of
from .interface import (
    Advance,
    Advanced,
    Broken,
    Command,
    Ended,
    Event,
    Running,
    Spent,
    Start,
    Stop,
    Weigh,
)

LOG = logging.getLogger(__name__)


class Studio:
    """One device's jobs. `advance` is the whole of it."""

    def __init__(
        self,
        catalog: Catalog,
        device: Device,
        watch: Watch | None = None,
        wildcards: Wildcards | None = None,
        warn: Callable[[Running], None] | None = None,
    ) -> None:
        self._catalog = catalog
        self._wildcards = wildcards or Wildcards()
        self._engine = Engine(device, watch=watch, warn=self._warn)
        self._told = warn
        self._at_work = Running(())
        self._attempts: dict[bytes, Attempt] = {}
        self._seats: dict[bytes, tuple[Attempt, Variation]] = {}
        self._early: list[Event] = []

    def advance(self, order: Advance) -> Advanced:
        """Obey, work for about the budget, tell what happened."""
        for command in order.commands:
            self._obey(command)
        slice_ = self._engine.advance(order.budget_ms / 1000)
        spent = self._spent(slice_)
        # Ends first: an attempt that ended must not be taken for the end of the one after it.
        self._take(slice_)
        ended = [attempt for attempt in self._attempts.values() if attempt.complete]
        events = [*self._early, *map(self._close, ended), *self._moves(slice_)]
        self._early = []
        sent_on = [self._send_on(attempt) for attempt in self._attempts.values()]
        return Advanced(tuple(events), slice_.busy or any(sent_on), slice_.patience, spent)

    def close(self) -> None:
        """Give every job up and the memory back."""
        self._engine.close()

    def _warn(self, keys: tuple[bytes, ...]) -> None:
        """Say for which jobs the next piece of work is, where they are others than before."""
        running = Running(tuple(dict.fromkeys(job_of(key) for key in keys)))
        if self._told is not None and running != self._at_work:
            self._told(running)
        self._at_work = running

    def _spent(self, slice_: Slice) -> tuple[Spent, ...]:
        """Seconds by job, its variations together."""
        seconds: defaultdict[bytes, float] = defaultdict(float)
        for key, piece in slice_.spent:
            seconds[job_of(key)] += piece
        return tuple(Spent(job, piece) for job, piece in seconds.items())

    def _obey(self, command: Command) -> None:
        if isinstance(command, (Stop, Weigh)):
            for attempt in self._attempts.values():
                if attempt.job == command.job:
                    CHANGES[type(command)](self, attempt, command)
            return
        try:
            self._begin(command)
        except BottegaError as error:
            self._early.append(_broken(command.job, command.attempt, error))

    def _begin(self, start: Start) -> None:
        capability = capability_of(start.request)
        model = choose_model(capability, start.request.model, self._catalog)
        # Recipes see decided prompts only, and so does what they leave in the result.
        alone = each_alone(start.request, self._wildcards.lines)
        blobs = Blobs({blob.sha256: Path(blob.path) for blob in start.inputs}, Path(start.output))
        attempt = Attempt(start, model, alone, blobs)
        if attempt.key not in self._attempts:
            self._attempts[attempt.key] = attempt
            self._send_on(attempt)

    def _send_on(self, attempt: Attempt) -> bool:
        """Hand the engine those variations whose turn it is; whether there were any."""
        source = Source(attempt.model.family, attempt.model.folder)
        beginning = attempt.next_ones()
        for one in beginning:
            recipe = RECIPES[capability_of(one.request)]
            work = partial(recipe, one.request, attempt.model, attempt.blobs)
            self._seats[one.key] = (attempt, one)
            self._engine.add(Task(one.key, source, work, attempt.weight, attempt.live))
        return bool(beginning)

    def _weigh(self, attempt: Attempt, command: Weigh) -> None:
        attempt.weight = command.weight / len(attempt.variations)
        for one in attempt.open_ones():
            self._engine.weigh(one.key, attempt.weight)

    def _end(self, attempt: Attempt, _: Stop) -> None:
        attempt.stopped = True
        self._stop(attempt)

    def _stop(self, attempt: Attempt) -> None:
        for one in attempt.open_ones():
            self._engine.stop(one.key)

    def _take(self, slice_: Slice) -> None:
        """Note what the engine said of each variation; one that failed takes the others along."""
        for end in slice_.ends:
            attempt, one = self._seats.pop(end.job)
            one.end = end
            if attempt.over:
                self._stop(attempt)
        for key, view in slice_.moved:
            _, one = self._seats[key]
            one.view = replace(view, shown=None)

    def _close(self, attempt: Attempt) -> Event:
        """The attempt's one answer."""
        del self._attempts[attempt.key]
        if attempt.error is not None:
            return _broken(attempt.job, attempt.number, attempt.error)
        return Ended(attempt.job) if attempt.over else attempt.done()

    def _moves(self, slice_: Slice) -> list[Event]:
        """Progress of every attempt that has news, and its preview."""
        events: list[Event] = []
        for attempt in self._attempts.values():
            progress = attempt.progress()
            if progress is not None:
                events.append(progress)
        for key, view in slice_.moved:
            attempt, one = self._seats[key]
            if view.shown is not None and attempt.is_shown(one):
                events.append(view.shown(attempt.job))
        return events


CHANGES: dict[type, Callable[[Studio, Attempt, Any], None]] = {
    Weigh: Studio._weigh,  # noqa: SLF001  # the class's own table
    Stop: Studio._end,  # noqa: SLF001
}


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
