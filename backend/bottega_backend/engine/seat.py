"""One job in the engine: its greenlet, the call it is parked at, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from greenlet import greenlet

from bottega_backend.models.loaded import Loaded
from bottega_protocol.results import Timings

from .failures import understood
from .stage import PhaseClock, Stage, Task, View
from .tap import Call, Cancelled, Parkable
from .turns import Waiting


@dataclass(frozen=True)
class Finished:
    """The job's work returned this."""

    job: bytes
    value: Any
    timings: Timings


@dataclass(frozen=True)
class Failed:
    """The job's work, or loading its model, raised this."""

    job: bytes
    error: Exception


@dataclass(frozen=True)
class Stopped:
    """The job was unwound, as told."""

    job: bytes


End = Finished | Failed | Stopped


class _Strand(Parkable, greenlet):  # type: ignore[misc]  # greenlet ships no types here
    """The greenlet of a job: the taps know it by its class."""


class Seat:
    """A job from its arrival to its end. `used` is its device time divided by its weight then."""

    def __init__(self, task: Task, arrival: int, used: float, now: Callable[[], float]) -> None:
        self.task = task
        self.arrival = arrival
        self.used = used
        self.weight = task.weight
        self.clock = PhaseClock(now)
        self.view = View()
        self.call: Call | None = None
        self.end: End | None = None
        self._strand: _Strand | None = None

    def start(self, loaded: Loaded) -> None:
        """Run the job until it parks or ends."""
        self._enter("encoding")
        self._strand = _Strand(self._run)
        self._switched(self._strand.switch, Stage(loaded, self.view))

    def resume(self, output: Any) -> None:
        """Hand the job its rows; run it until it parks or ends."""
        self._switched(self._started().switch, output)

    def throw(self, error: BaseException) -> None:
        """Raise this where the job is parked; run it until it parks again or ends."""
        self._switched(self._started().throw, error)

    def stop(self) -> None:
        """Unwind the job. What still parks while it unwinds is unwound again."""
        while self._strand is not None and not self._strand.dead:
            self.throw(Cancelled())
        self.end = self.end or Stopped(self.task.job)

    def waiting(self) -> Waiting:
        """What the policy has to know about the parked call."""
        call = self.call
        if call is None:
            raise RuntimeError("a job that is not parked waits for nothing")
        place = (self.used, self.arrival, self.task.live)
        return Waiting(self.task.job, call.signature, call.rows, call.area, *place)

    def _started(self) -> _Strand:
        if self._strand is None:
            raise RuntimeError("a job that was not started can't go on")
        return self._strand

    def _switched(self, switch: Callable[..., Any], *values: Any) -> None:
        # Modes are torch's per thread: each stretch of a job runs between the same two lines.
        with torch.inference_mode():
            self.call = switch(*values)
        if self.call is not None and self.call.tap.phase:
            self._enter(self.call.tap.phase)

    def _enter(self, phase: str) -> None:
        self.clock.enter(phase)
        self.view.enter(phase)

    def _run(self, stage: Stage) -> None:
        try:
            value = self.task.work(stage)
        except Cancelled:
            self.end = Stopped(self.task.job)
        except Exception as error:  # noqa: BLE001  # the edge of a job: nothing it raises may end another
            self.end = Failed(self.task.job, understood(error, self.view.phase))
        else:
            self.end = Finished(self.task.job, value, self.clock.timings())
