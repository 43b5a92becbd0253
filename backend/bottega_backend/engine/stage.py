"""What a recipe sees of the engine: its model, and where to say how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch

from bottega_backend.models.loaded import Loaded
from bottega_protocol.messages import Preview
from bottega_protocol.results import Timings

from .preview import preview
from .residence import Source


@dataclass
class View:
    """How far a job is, for whoever looks. `shown` makes a preview of the newest state."""

    phase: str = ""
    step: int = 0
    steps: int = 0
    moved: bool = False
    shown: Callable[[bytes], Preview] | None = None

    def enter(self, phase: str) -> None:
        """The job does something else from here on.

        A job that decodes and encodes between its passes goes on denoising for whoever looks.
        """
        if self.phase == "denoising" and self.step < self.steps:
            return
        if phase != self.phase:
            self.phase, self.step, self.steps, self.moved = phase, 0, 0, True


@dataclass(frozen=True)
class Stage:
    """What a running job works with."""

    loaded: Loaded
    view: View

    def progress(self, step: int, steps: int) -> None:
        """So many steps of the phase are done."""
        self.view.step, self.view.steps, self.view.moved = step, steps, True

    def show(self, latents: torch.Tensor) -> None:
        """What the picture looks like by now: scaled latents (1, c, h, w) without noise."""
        self.view.shown = lambda job: preview(job, latents, self.loaded.colours)


@dataclass(frozen=True)
class Task:
    """A job for the engine: `work` is called in a greenlet, its value is the outcome."""

    job: bytes
    model: Source
    work: Callable[[Stage], Any]
    weight: float = 1.0
    live: bool = False


@dataclass
class PhaseClock:
    """Seconds spent in each phase, waiting for others included."""

    now: Callable[[], float]
    seconds: dict[str, float] = field(default_factory=dict)
    phase: str = "loading"
    since: float = 0.0

    def __post_init__(self) -> None:
        self.since = self.now()

    def enter(self, phase: str) -> None:
        """End the current phase and begin this one."""
        now = self.now()
        self.seconds[self.phase] = self.seconds.get(self.phase, 0.0) + now - self.since
        self.phase, self.since = phase, now

    def timings(self) -> Timings:
        """The sums so far."""
        self.enter(self.phase)
        return Timings(
            load=self.seconds.get("loading", 0.0),
            encode=self.seconds.get("encoding", 0.0),
            denoise=self.seconds.get("denoising", 0.0),
            decode=self.seconds.get("decoding", 0.0),
        )
