"""What both plug-ins and the command line do with an Editor: from a wish to placed layers."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from bottega_protocol.errors import BadMessage, BottegaError, Refusal
from bottega_protocol.images import MASK, describe
from bottega_protocol.messages import (
    AskQuote,
    Cancelled,
    Failed,
    Finished,
    Preview,
    Progress,
    Queued,
    Submit,
)
from bottega_protocol.offers import Plan
from bottega_protocol.requests import MODEL, MOST_PROMPT, SAMPLER, FillRequest
from bottega_protocol.results import Result, Timings
from bottega_protocol.schema import Record, Text

from .client import Client
from .editor import VISIBLE, Canvas, Editor, EditorError, LayerPixels, Snapshot

MOST_SEED = 2**32 - 1
TRIES_TO_READ = 3


class Stopped(BottegaError):
    """The artist stopped it."""

    code = "cancelled"


class JobFailed(Refusal):
    """The backend took the job and could not do it."""


@dataclass(frozen=True)
class Wish:
    """What the artist asks for; empty and zero mean the backend's defaults, no seed a random."""

    prompt: str = ""
    negative: str = ""
    model: str = ""
    sampler: str = ""
    seed: int | None = None
    steps: int = 0
    guidance: float = 0.0
    strength: float = 1.0
    source: str = VISIBLE
    clip_skip: int = 0


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
    """A placed job: its id, what came back, the backend's time and the whole, in seconds."""

    job: bytes
    result: Result
    timings: Timings
    transfer: float
    total: float


Tell = Callable[[Report], None]

PROMPT = Text(MOST_PROMPT)
TEXTS = (
    ("prompt", "prompt", PROMPT),
    ("negative", "negative prompt", PROMPT),
    ("model", "model's name", MODEL),
    ("sampler", "sampler's name", SAMPLER),
)
"""What the artist types: a wish's field, what he calls it, and what a request takes there."""


def fill(
    editor: Editor, client: Client, wish: Wish, report: Tell, stop: threading.Event
) -> Outcome:
    """Paint the selection anew and place the result; blocks, on a thread of the plug-in's own.

    Raises EditorError, Refusal, JobFailed, NoServer, Disconnected, or Stopped once `stop` is set.
    """
    began = time.monotonic()
    _check(wish)
    report(Report("asking", "Asking the server"))
    plan, snapshot = _read(editor, client, wish, report)
    _go_on(stop)
    submit, blobs = _prepare(snapshot, wish, plan)
    clock = _Clock()
    finished = _await(_follow(client, submit, blobs, stop, _timed(report, clock)), report)
    report(Report("fetching", "Fetching the result"))
    with clock:
        layers = fetch_layers(client, finished.result, blobs)
    _go_on(stop)
    report(Report("placing", "Placing the layer"))
    editor.on_ui(lambda: editor.place(submit.job, layers))
    # The layer is there: that the server could not be told any more is no failure.
    with suppress(BottegaError):
        client.acknowledge(submit.job)
    return Outcome(
        submit.job, finished.result, finished.timings, clock.seconds, time.monotonic() - began
    )


def _check(wish: Wish) -> None:
    """Say in the artist's words what a request would refuse in the protocol's."""
    for field, called, kind in TEXTS:
        text = getattr(wish, field)
        try:
            kind.check(text, field)
        except BadMessage as error:
            why = (
                f"is {len(text)} characters long: at most {kind.most} are read"
                if len(text) > kind.most
                else "holds characters that are no text"
            )
            raise EditorError(f"The {called} {why}.", "Change it and try again.") from error


def _go_on(stop: threading.Event) -> None:
    if stop.is_set():
        raise Stopped("Stopped.")


def _read(editor: Editor, client: Client, wish: Wish, report: Tell) -> tuple[Plan, Snapshot]:
    """Quote, then read. The artist may have changed the selection in between: then once more."""
    for _ in range(TRIES_TO_READ):
        canvas = editor.on_ui(editor.canvas)
        plan = client.quote(lambda number, canvas=canvas: _question(number, canvas, wish))  # type: ignore[misc]  # mypy can't infer a lambda with a default
        report(Report("reading", "Reading the picture"))
        snapshot = editor.on_ui(
            lambda plan=plan: editor.read(plan.rectangle, plan.layout, wish.source)  # type: ignore[misc]  # as above
        )
        if snapshot.canvas == canvas:
            return plan, snapshot
    raise EditorError("The selection keeps changing.", "Let go of it for a moment and try again.")


def _question(number: int, canvas: Canvas, wish: Wish) -> AskQuote:
    if canvas.selection is None:
        raise EditorError("Nothing is selected.", "Select the part of the picture to paint first.")
    return AskQuote(
        number, "fill", canvas.size, canvas.selection, canvas.layout, wish.model, wish.strength
    )


def _prepare(snapshot: Snapshot, wish: Wish, plan: Plan) -> tuple[Submit, dict[bytes, bytes]]:
    if snapshot.canvas.selection is None:
        raise EditorError("Nothing is selected.", "Select the part of the picture to paint first.")
    size = snapshot.rectangle.size
    pixels = describe(snapshot.pixels, size, snapshot.layout)
    mask = describe(snapshot.mask, size, MASK)
    request = FillRequest(
        canvas=snapshot.canvas.size,
        selection=snapshot.canvas.selection,
        rectangle=snapshot.rectangle,
        pixels=pixels,
        mask=mask,
        prompt=wish.prompt,
        negative=wish.negative,
        model=plan.model,
        sampler=wish.sampler,
        seed=secrets.randbelow(MOST_SEED) if wish.seed is None else wish.seed,
        steps=wish.steps,
        guidance=wish.guidance,
        strength=wish.strength,
        clip_skip=wish.clip_skip,
    )
    submit = Submit(secrets.token_bytes(16), request, snapshot.canvas.document)
    return submit, {pixels.sha256: snapshot.pixels, mask.sha256: snapshot.mask}


def _follow(
    client: Client,
    submit: Submit,
    blobs: dict[bytes, bytes],
    stop: threading.Event,
    report: Tell,
) -> Iterator[Record]:
    total = sum(map(len, blobs.values()))

    def sent(count: int) -> None:
        report(Report("sending", "Sending the picture", count / total))

    return client.follow(submit, blobs, stop, sent)


def _await(events: Iterator[Record], report: Tell) -> Finished:
    for event in events:
        if isinstance(event, Finished):
            return event
        if isinstance(event, Failed):
            raise JobFailed(event.code, event.message, event.remedy)
        if isinstance(event, Cancelled):
            raise Stopped("Stopped.")
        _tell(event, report)
    raise JobFailed("no-result", "The server fell silent about the job.", "Look in Recent results.")


WORDS = {
    "loading": "Loading the model",
    "encoding": "Reading the prompt",
    "denoising": "Painting",
    "decoding": "Finishing",
}


def _tell(event: Record, report: Tell) -> None:
    if isinstance(event, Queued):
        ahead = event.ahead
        text = "Next in line" if ahead == 0 else f"{ahead} job{'s' * (ahead > 1)} ahead"
        report(Report("queued", text, ahead=ahead))
    elif isinstance(event, Progress):
        fraction = event.step / event.steps if event.steps else None
        report(Report(event.phase, WORDS[event.phase], fraction))
    elif isinstance(event, Preview):
        report(Report("denoising", WORDS["denoising"], preview=event))


class _Clock:
    """Seconds spent on the line: `with clock:` around a download, `mark()` at each upload."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._since: float | None = None

    def __enter__(self) -> None:
        self._since = time.monotonic()

    def __exit__(self, *_: object) -> None:
        self.mark()
        self._since = None

    def mark(self) -> None:
        """Add the time since the last mark."""
        now = time.monotonic()
        self.seconds += now - (self._since if self._since is not None else now)
        self._since = now


def _timed(report: Tell, clock: _Clock) -> Tell:
    def tell(told: Report) -> None:
        clock.mark()
        report(told)

    return tell


def fetch_layers(
    client: Client, result: Result, known: Mapping[bytes, bytes]
) -> tuple[LayerPixels, ...]:
    """Every layer of a result; what is known by its hash (the mask, as a rule) stays there."""
    content = dict(known)
    for image in result.images():
        if image.sha256 not in content:
            content[image.sha256] = client.fetch(image)
    return tuple(
        LayerPixels(
            layer, content[layer.pixels.sha256], content[layer.mask.sha256] if layer.mask else None
        )
        for layer in result.layers
    )
