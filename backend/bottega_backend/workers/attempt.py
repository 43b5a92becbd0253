"""One attempt at a job: an engine task for each variation, and one answer for all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace

from bottega_backend.capabilities.blobs import Blobs
from bottega_backend.engine.seat import End, Failed, Finished
from bottega_backend.engine.stage import View
from bottega_backend.offers.variations import as_told
from bottega_backend.shelf.catalog import Model
from bottega_protocol.images import MOST_PIXELS
from bottega_protocol.jobs import PHASES
from bottega_protocol.messages import Progress
from bottega_protocol.requests import AnyRequest
from bottega_protocol.results import Result, Timings

from .interface import BlobFile, Done, Start

JOB_BYTES = 16
DENOISING = PHASES.index("denoising")


@dataclass
class Variation:
    """How far one variation is. `end` is set once it has ended.

    `key` is what the engine knows it by: an old attempt may still end after a new one began.
    """

    key: bytes
    request: AnyRequest
    begun: bool = False
    view: View = field(default_factory=View)
    end: End | None = None

    @property
    def place(self) -> int:
        """Its phase as a number; one that has ended is past all work."""
        if self.end is not None:
            return len(PHASES) - 1
        return PHASES.index(self.view.phase) if self.view.phase else 0


class Attempt:
    """Keeps what its variations have come to. `alone` are their requests, in order."""

    def __init__(
        self, start: Start, model: Model, alone: Sequence[AnyRequest], blobs: Blobs
    ) -> None:
        self.job = start.job
        self.number = start.attempt
        self.model = model
        self.weight = start.weight / len(alone)
        self.live = start.live
        self.blobs = blobs
        self.stopped = False
        self.told: Progress | None = None
        self.variations = [
            Variation(self.key + bytes((number,)), request) for number, request in enumerate(alone)
        ]
        self._steps: dict[int, int] = {}

    @property
    def key(self) -> bytes:
        """Of this attempt: a job may begin again while an old attempt of it ends."""
        return self.job + self.number.to_bytes(4, "big")

    # --- beginning and ending ----------------------------------------------------------------

    def next_ones(self) -> list[Variation]:
        """Who begins now: all at once, but of large pictures only as many as memory takes."""
        if self.over:
            return []
        at_once = max(1, MOST_PIXELS // self.variations[0].request.rectangle.size.area)
        free = max(0, at_once - len(self.open_ones()))
        beginning = [one for one in self.variations if not one.begun][:free]
        for one in beginning:
            one.begun = True
        return beginning

    def open_ones(self) -> list[Variation]:
        """Who has begun and not ended."""
        return [one for one in self.variations if one.begun and one.end is None]

    @property
    def over(self) -> bool:
        """Whether it comes to nothing: told to stop, or a variation was lost."""
        return self.stopped or any(
            one.end is not None and not isinstance(one.end, Finished) for one in self.variations
        )

    @property
    def complete(self) -> bool:
        """Whether nothing more is to come."""
        if self.over:
            return not self.open_ones()
        return all(one.end is not None for one in self.variations)

    @property
    def error(self) -> Exception | None:
        """What the first variation that failed has raised."""
        ends = [one.end for one in self.variations]
        return next((end.error for end in ends if isinstance(end, Failed)), None)

    def done(self) -> Done:
        """The answer, once every variation is finished."""
        finished = [one.end for one in self.variations if isinstance(one.end, Finished)]
        result = assemble([one.request for one in self.variations], [e.value for e in finished])
        files = tuple(BlobFile(key, str(path)) for key, path in self.blobs.written.items())
        return Done(self.job, self.number, result, files, longest([e.timings for e in finished]))

    # --- how far it is -----------------------------------------------------------------------

    def progress(self) -> Progress | None:
        """The mean over the variations, where it is news.

        The phase is that of the last, but for denoising, which begins with the first; in it,
        steps that are behind a variation count as made.
        """
        places = [one.place for one in self.variations]
        now = max(min(places), min(max(places), DENOISING))
        here = [one.view for one in self.variations if one.place == now and one.end is None]
        steps = max([view.steps for view in here] + [self._steps.get(now, 0)])
        self._steps[now] = steps
        made = sum(place > now for place in places) * steps + sum(view.step for view in here)
        if now == len(PHASES) - 1:
            made += sum(one.end is not None for one in self.variations) * steps
        before = self.told
        self.told = Progress(self.job, PHASES[now], min(made // len(places), steps), steps)
        return None if self.told == before else self.told

    def is_shown(self, one: Variation) -> bool:
        """Whether it is the one that is previewed: the first that still runs."""
        return self.open_ones()[:1] == [one]


def job_of(key: bytes) -> bytes:
    """The job of a variation's or an attempt's key."""
    return key[:JOB_BYTES]


def assemble(alone: Sequence[AnyRequest], results: Sequence[Result]) -> Result:
    """One result of those of each variation: their layers in order, the recipe of the first."""
    layers = tuple(
        replace(layer, variation=number)
        for number, result in enumerate(results)
        for layer in result.layers
    )
    return replace(results[0], layers=layers, variations=as_told(tuple(alone)))


def longest(timings: Sequence[Timings]) -> Timings:
    """They ran side by side, each waiting for the others: the longest of each phase."""
    names = [each.name for each in fields(Timings)]
    return Timings(**{name: max(getattr(one, name) for one in timings) for name in names})
