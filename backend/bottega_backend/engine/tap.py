"""The tap: a shared module's forward, called inside a job, parks the job instead.

The engine collects parked calls, runs those that fit together as one forward, and resumes each
job with its rows. Pipelines need not know: they are unmodified, and see a slow module.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any

import torch
from greenlet import getcurrent

from .merge import Arguments, Signature, merge, signature, split
from .modes import Modes, current_modes


class Cancelled(BaseException):
    """Thrown into a job to unwind it. No Exception: what a pipeline catches must not swallow it."""


class ModesChanged(RuntimeError):
    """A job tried to park while it had one of torch's thread-wide modes switched."""


@dataclass(frozen=True)
class Tap:
    """A tapped module: `phase` says what a job does while it waits here; without one, as before."""

    phase: str
    forward: Callable[..., Any]
    names: inspect.Signature
    order: int


@dataclass(frozen=True)
class Call:
    """A parked call: `rows` of work at `tap`, with its arguments by name, `ready` to be run."""

    tap: Tap
    arguments: Arguments
    rows: int
    signature: Signature
    ready: Callable[[], bool] = lambda: True

    @property
    def rests(self) -> bool:
        """Whether the job only lets others go first."""
        return self.tap is _REST

    @property
    def area(self) -> int:
        """Elements of one row of the first tensor, the measure of its work."""
        first = next(v for v in self.arguments.values() if isinstance(v, torch.Tensor))
        return max(1, first[0].numel())


class Ports:
    """Where the modules of one engine are tapped: parks only what runs inside one of its jobs."""

    def __init__(self, modes: Modes) -> None:
        self._modes = modes
        self._count = 0

    @contextmanager
    def tapped(self, modules: dict[str, tuple[torch.nn.Module, ...]]) -> Iterator[None]:
        """Tap these modules (phase to modules); afterwards each is as it was before."""
        with ExitStack() as taps:
            for phase, some in modules.items():
                for module in some:
                    self._install(phase, module)
                    taps.callback(module.__dict__.pop, "forward")
            yield

    def _install(self, phase: str, module: torch.nn.Module) -> None:
        if "forward" in module.__dict__:
            raise RuntimeError(f"{type(module).__name__} is tapped already")
        self._count += 1
        tap = Tap(phase, module.forward, inspect.signature(module.forward), self._count)

        @wraps(tap.forward)
        def forward(*positional: Any, **named: Any) -> Any:
            job = getcurrent()
            if not isinstance(job, Parkable):
                return tap.forward(*positional, **named)
            self._check(tap)
            return job.park(_call(tap, positional, named))

        module.__dict__["forward"] = forward

    def _check(self, tap: Tap) -> None:
        modes = current_modes()
        if modes != self._modes:
            raise ModesChanged(f"before {tap.phase}: {modes}, the thread began with {self._modes}")


class Parkable:
    """A greenlet that can wait in a tap; mixed into the engine's own greenlet class."""

    parent: Any

    def park(self, call: Call) -> Any:
        """Give the call to the engine; returns this job's rows of the output."""
        return self.parent.switch(call)

    def rest(self, ready: Callable[[], bool]) -> None:
        """Give the thread to whoever else waits for it, as a call that costs nothing."""
        nothing = {"nothing": torch.empty(1)}
        self.park(Call(_REST, nothing, 1, (_REST.order, id(self)), ready))


def rest() -> None:
    """Between two pieces of a job's own work: others get a turn, and it can be stopped.

    For long pieces only: jobs that are about to share a forward would miss one another. Outside a
    job nothing happens.
    """
    wait_until(lambda: True)


def wait_until(ready: Callable[[], bool]) -> None:
    """Have others go first until one of them has made something `ready`.

    Who looked again and again instead would take from them what he is waiting for.
    """
    job = getcurrent()
    if isinstance(job, Parkable):
        job.rest(ready)


def _nothing(nothing: torch.Tensor) -> None:
    """What a job that rests waits for."""


_REST = Tap("", _nothing, inspect.signature(_nothing), 0)


def run_together(calls: Sequence[Call]) -> list[Any]:
    """One forward for calls of the same tap and signature; each one's own output."""
    tap = calls[0].tap
    if len(calls) == 1:
        return [tap.forward(**calls[0].arguments)]
    arguments = merge([(call.arguments, call.rows) for call in calls])
    return split(tap.forward(**arguments), [call.rows for call in calls])


def _call(tap: Tap, positional: tuple[Any, ...], named: dict[str, Any]) -> Call:
    bound = tap.names.bind(*positional, **named).arguments
    for parameter in tap.names.parameters.values():
        if parameter.kind is parameter.VAR_KEYWORD:
            bound.update(bound.pop(parameter.name, {}))
    rows = next(v for v in bound.values() if isinstance(v, torch.Tensor)).shape[0]
    return Call(tap, bound, rows, (tap.order, *signature(bound, rows)))
