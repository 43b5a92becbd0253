"""The engine: many jobs on one device, one unit of work at a time.

A unit is loading a model, starting a job, or one forward for one or several parked jobs. Between
units the engine obeys: that is what makes cancelling, joining and sharing as fine as a step.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import torch

from bottega_backend.scheduler.live_budget import LiveBudget

from .device import Device
from .failures import OutOfMemory, understood
from .forward import Output, run_calls
from .modes import current_modes
from .residence import Residence, Source
from .seat import End, Failed, Seat, Stopped
from .stage import Task, View
from .tap import Call, ModesChanged, Ports
from .turns import Limits, choose

PATIENCE = 60.0
"""Seconds that a unit may take which has no reason to take long."""

UNMEASURED = 300.0
"""Seconds for the first forward of its kind: kernels are compiled, caches are cold."""

AROUND = 600.0
"""Seconds for what lies around a picture's denoising: 64 Mi pixels are read, resampled, written."""

LOADING = 900.0
"""Seconds for reading a model."""

LEAST_WEIGHT = 1e-3

HUNG = 10.0
"""A forward that takes so many times what its like took has hung."""


Watch = Callable[[str, tuple[bytes, ...]], None]
"""Hears of every forward: its phase, and the jobs whose rows it carries."""

Warn = Callable[[tuple[bytes, ...]], None]
"""Hears which jobs a unit of work is for, before it begins: should it be the last."""


@dataclass(frozen=True)
class Unit:
    """Something to do next, how many seconds it may take, and for which jobs it is."""

    patience: float
    run: Callable[[], None]
    jobs: tuple[bytes, ...]


@dataclass(frozen=True)
class Slice:
    """What one `advance` did.

    Jobs that ended, views of those that moved, seconds for the next, and seconds that each job
    had the device.
    """

    ends: tuple[End, ...]
    moved: tuple[tuple[bytes, View], ...]
    busy: bool
    patience: float
    spent: tuple[tuple[bytes, float], ...] = ()


class Engine:
    """Jobs in, ends out. One thread uses it, always the same."""

    def __init__(
        self,
        device: Device,
        limits: Limits | None = None,
        watch: Watch | None = None,
        now: Callable[[], float] = time.perf_counter,
        warn: Warn | None = None,
    ) -> None:
        with torch.inference_mode():
            self._modes = current_modes()
        self._device = device
        self._residence = Residence(device, Ports(self._modes))
        self._limits = limits or Limits()
        self._watch = watch
        self._warn = warn
        self._live = LiveBudget()
        self._spent: defaultdict[bytes, float] = defaultdict(float)
        self._now = now
        self._arrivals = 0
        self._waiting: list[Seat] = []
        self._running: dict[bytes, Seat] = {}
        self._ends: list[End] = []
        self._measured: dict[tuple[str, int, int], float] = {}
        self._granted = PATIENCE

    def add(self, task: Task) -> None:
        """Take a job. It begins level with whoever had least so far, and owed nothing."""
        least = min((seat.used for seat in self._running.values()), default=0.0)
        self._arrivals += 1
        self._waiting.append(Seat(task, self._arrivals, least, self._now))
        self._waiting.sort(key=lambda seat: not seat.task.live)

    def weigh(self, job: bytes, weight: float) -> None:
        """From here on a job has this share of the device, beside the others' shares."""
        for seat in [*self._waiting, *self._running.values()]:
            if seat.task.job == job:
                seat.weight = weight

    def stop(self, job: bytes) -> None:
        """Give a job up; a job that is not here has ended by itself."""
        for seat in self._waiting:
            if seat.task.job == job:
                self._waiting.remove(seat)
                self._ends.append(Stopped(job))
                return
        if job in self._running:
            self._running[job].stop()
            self._settle(self._running[job])

    def advance(self, budget: float) -> Slice:
        """Work for about `budget` seconds: at least one unit, unless that is 0.

        Returns early before a unit that may take longer than what the last slice announced.
        """
        until = self._now() + budget
        unit = self._next()
        while unit and budget > 0 and unit.patience <= self._granted:
            if self._warn:
                self._warn(unit.jobs)
            unit.run()
            unit = self._next()
            if self._now() >= until:
                break
        self._granted = unit.patience if unit else PATIENCE
        ends, self._ends = tuple(self._ends), []
        spent = tuple(self._spent.items())
        self._spent.clear()
        return Slice(ends, self._take_moved(), unit is not None, self._granted, spent)

    def close(self) -> None:
        """Unwind every job and let the models go."""
        for job in [seat.task.job for seat in self._waiting] + list(self._running):
            self.stop(job)
        self._residence.close()

    def _next(self) -> Unit | None:
        """New jobs first, in the order of their arrival, so that they can join the others."""
        if self._waiting:
            seat = self._waiting[0]
            loaded = self._residence.find(seat.task.model)
            if loaded:
                return Unit(AROUND, partial(self._start, seat), (seat.task.job,))
            if self._residence.has_room(self._in_use()):
                seat.view.enter("loading")
                return Unit(LOADING, partial(self._load, seat), (seat.task.job,))
        if not self._running:
            return None
        seats = self._choose()
        calls = [seat.call for seat in seats if seat.call]
        jobs = tuple(seat.task.job for seat in seats)
        return Unit(self._patience(calls), partial(self._forward, seats, calls), jobs)

    def _choose(self) -> list[Seat]:
        """For whom the next forward is: live previews have half of any second at most."""
        running = self._running.values()
        ready = [seat for seat in running if seat.call and seat.call.ready()]
        # None is where whoever was waited for has gone without a word: then all look again.
        waiting = [seat.waiting() for seat in ready or running]
        seats = [self._running[job] for job in choose(waiting, self._limits)]
        calls = [seat.call for seat in seats if seat.call]
        live = sum(seat.call.rows for seat in seats if seat.call and seat.task.live)
        share = live / sum(call.rows for call in calls)
        expected = self._measured.get(_kind(calls), 0.0) * share
        if not live or self._live.allows(self._now(), expected):
            return seats
        return [self._running[job] for job in choose(waiting, self._limits, live_first=False)]

    def _in_use(self) -> set[Source]:
        return {seat.task.model for seat in self._running.values()}

    def _load(self, first: Seat) -> None:
        source, began = first.task.model, self._now()
        failure = self._bring(source)
        if isinstance(failure, OutOfMemory):  # without the idle ones it may fit
            self._residence.shrink(self._in_use())
            failure = self._bring(source)
        if failure is not None:
            for seat in [seat for seat in self._waiting if seat.task.model == source]:
                self._waiting.remove(seat)
                self._ends.append(Failed(seat.task.job, failure))
        self._charge(first, self._now() - began)

    def _bring(self, source: Source) -> Exception | None:
        """Load a model; why it can't be."""
        try:
            self._residence.bring(source, self._in_use())
        except Exception as error:  # noqa: BLE001  # a model that can't be loaded ends its jobs only
            return understood(error, "the model")
        return None

    def _start(self, seat: Seat) -> None:
        loaded = self._residence.find(seat.task.model)
        if loaded is None:
            return
        self._waiting.remove(seat)
        self._running[seat.task.job] = seat
        began = self._now()
        seat.start(loaded)
        self._charge(seat, self._now() - began)
        self._settle(seat)

    def _forward(self, seats: list[Seat], calls: list[Call]) -> None:
        if self._watch:
            self._watch(calls[0].tap.phase, tuple(seat.task.job for seat in seats))
        began = self._now()
        with torch.inference_mode():
            outputs = run_calls(calls)
            if self._too_much(outputs) and self._residence.shrink(self._in_use()):
                outputs = run_calls(calls)
            self._device.wait()
        took, rows = self._now() - began, sum(call.rows for call in calls)
        self._measured[_kind(calls)] = took
        for seat, call, output in zip(seats, calls, outputs, strict=True):
            resumed = self._now()
            if isinstance(output, Output):
                seat.resume(output.value)
            else:
                seat.throw(output)
            share, between = took * call.rows / rows, self._now() - resumed
            # What follows a rest is a piece of long work: others would wait for all the pieces.
            counted = share + between if call.rests else share
            seat.used += counted / max(seat.weight, LEAST_WEIGHT)
            self._charge(seat, share + between)
            self._settle(seat)

    def _too_much(self, outputs: Sequence[object]) -> bool:
        """Whether one job alone did not fit."""
        return any(isinstance(output, OutOfMemory) for output in outputs)

    def _charge(self, seat: Seat, seconds: float) -> None:
        """A job had the device for so long: its rows' share of a forward, and what lies between.

        Who is next goes by the forwards alone: jobs in step with each other stay so, and merge.
        """
        self._spent[seat.task.job] += seconds
        if seat.task.live:
            self._live.spent(seconds, self._now())

    def _settle(self, seat: Seat) -> None:
        """Take a job out that has ended; see that it left torch as it found it."""
        if seat.end:
            self._running.pop(seat.task.job)
            self._ends.append(seat.end)
        with torch.inference_mode():
            if current_modes() != self._modes:
                raise ModesChanged(
                    f"a job left {current_modes()}, the thread began with {self._modes}"
                )

    def _patience(self, calls: list[Call]) -> float:
        took = self._measured.get(_kind(calls))
        least = PATIENCE if calls[0].tap.phase == "denoising" else AROUND
        return max(least, UNMEASURED if took is None else HUNG * took)

    def _take_moved(self) -> tuple[tuple[bytes, View], ...]:
        """The views that changed since the last slice: the newest state of each, once."""
        moved = []
        for seat in [*self._waiting, *self._running.values()]:
            view = seat.view
            if view.moved or view.shown is not None:
                moved.append((seat.task.job, replace(view)))
                view.moved, view.shown = False, None
        return tuple(moved)


def _kind(calls: list[Call]) -> tuple[str, int, int]:
    return calls[0].tap.phase, calls[0].area, sum(call.rows for call in calls)
