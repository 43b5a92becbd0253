"""How far a job is and how it ended, in words for the artist."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bottega_protocol.errors import BottegaError, Refusal
from bottega_protocol.messages import Preview, Progress, Queued
from bottega_protocol.results import Result, Timings
from bottega_protocol.schema import Record

from .editor import LayerPixels

WORDS = {
    "loading": "Loading the model",
    "encoding": "Reading the prompt",
    "denoising": "Painting",
    "decoding": "Finishing",
}
"""A job's phase, as the artist reads it."""


class Stopped(BottegaError):
    """The artist stopped it."""

    code = "cancelled"


class JobFailed(Refusal):
    """The backend took the job and could not do it."""


@dataclass(frozen=True)
class Report:
    """How far a job is. `fraction` 0 to 1 where it can be told, `ahead` jobs in front of it."""

    stage: str
    text: str
    fraction: float | None = None
    ahead: int | None = None
    preview: Preview | None = None


@dataclass(frozen=True)
class Outcome:
    """A finished job: its id, what came back, the backend's time and the whole, in seconds.

    `layers` are those of every variation with their bytes, empty where somebody else keeps them.
    `remarks` are what there was to say about the pixels that were read (`Snapshot.remarks`).
    """

    job: bytes
    result: Result
    timings: Timings
    transfer: float
    total: float
    layers: tuple[LayerPixels, ...] = ()
    remarks: tuple[str, ...] = ()


Tell = Callable[[Report], None]


def report_of(event: Record) -> Report | None:
    """What a message about a running job says to people, if anything."""
    if isinstance(event, Queued):
        ahead = event.ahead
        text = "Next in line" if ahead == 0 else f"{ahead} job{'s' * (ahead > 1)} ahead"
        wait = "" if event.wait is None else f", about {_span(event.wait)}"
        return Report("queued", text + wait, ahead=ahead)
    if isinstance(event, Progress):
        fraction = event.step / event.steps if event.steps else None
        return Report(event.phase, WORDS[event.phase], fraction)
    if isinstance(event, Preview):
        return Report("denoising", WORDS["denoising"], preview=event)
    return None


def _span(seconds: float) -> str:
    """As one says it: seconds up to a minute and a half, then minutes."""
    if seconds <= MOST_SECONDS:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min"


MOST_SECONDS = 90
