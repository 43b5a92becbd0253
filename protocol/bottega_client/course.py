"""The course of one job on its own thread: from an order to what the artist can pick from."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

from bottega_protocol.errors import BottegaError
from bottega_protocol.images import Image
from bottega_protocol.messages import Finished
from bottega_protocol.results import Recipe, Result

from . import entries as states
from .actions import await_finished, go_on, paint
from .choose import CAPABILITIES, label_of
from .client import Client
from .connection import Connection
from .desk import Desk
from .diary import Diary
from .editor import Editor, LayerPixels
from .entries import Entry, Shown, title_of
from .kept_pixels import KeptPixels
from .launch import NoServer
from .placing import count_of
from .reading import prepare, submission
from .reports import Outcome, Report, Stopped
from .thumbnails import thumbnail
from .transport import Disconnected
from .wishes import Wish, check_wish

T = TypeVar("T")

log = logging.getLogger(__name__)

THUMBNAIL_SIDE = 256

STAGES = {
    "queued": states.QUEUED,
    "loading": states.PAINTING,
    "encoding": states.PAINTING,
    "denoising": states.PAINTING,
    "decoding": states.PAINTING,
    "fetching": states.FETCHING,
    "placing": states.FETCHING,
}
"""A report's stage and its entry's state; before that it is prepared, in an outage it stays."""

STOPPING = Report("stopping", "Stopping")
WAITING = Report("waiting", "Waiting for the server")


class EaselError(BottegaError):
    """Our own mistake; the log has the whole story."""

    code = "easel-error"


@dataclass(frozen=True)
class Tools:
    """What the threads of one Easel share."""

    connection: Connection
    desk: Desk
    kept: KeptPixels
    diary: Diary


@dataclass(frozen=True)
class Order:
    """A job, the document that it is for, and the artist's wish to stop it."""

    job: bytes
    editor: Editor
    stop: threading.Event


@contextmanager
def watched(tools: Tools, what: str, failed: Callable[[BottegaError], None]) -> Iterator[None]:
    """The edge of a thread: whatever goes wrong in it is told, unless the panel is closed."""
    try:
        yield
    except BottegaError as error:
        if not tools.connection.closed.is_set():
            tools.diary.note_error(what, error)
            failed(error)
    except Exception as error:
        log.exception("%s failed", what)
        failed(EaselError(f"Bottega's plug-in failed: {error}", "Its log has the details."))


def end(tools: Tools, order: Order, error: BottegaError) -> None:
    """How a job that is not painted ends: stopped, or failed for a reason."""
    gone = isinstance(error, (Disconnected, NoServer))
    if isinstance(error, Stopped) or (gone and order.stop.is_set()):
        tools.desk.change(order.job, state=states.STOPPED, report=None, preview=None)
    else:
        tools.desk.change(order.job, state=states.FAILED, report=None, preview=None, error=error)


def order_course(tools: Tools, order: Order, capability: str, wish: Wish) -> bool:
    """Read, send, wait, fetch; whether there is something to pick from or to place. Blocks.

    Raises as `actions.perform`; an outage of the server is waited out once the job is known.
    """
    began = time.monotonic()
    check_wish(wish)
    tell = _teller(tools, order)
    tell(Report("asking", "Asking the server"))
    client = tools.connection.client()
    plan, snapshot = prepare(order.editor, client, capability, wish, tell)
    tools.desk.change(order.job, document=snapshot.canvas.document)
    go_on(order.stop)
    prepared = submission(order.job, capability, wish, plan, snapshot)
    finished = _through(tools, order, lambda line: paint(line, prepared, tell, order.stop))
    outcome = _outcome(finished, began, snapshot.remarks)
    _arrive(tools, order, outcome, prepared.blobs)
    return count_of(outcome.result) == 1


def attend_course(tools: Tools, order: Order) -> bool:
    """As `order_course`, for a job that the server has already. Blocks."""
    began = time.monotonic()
    finished = _through(
        tools,
        order,
        lambda line: await_finished(line.attend(order.job, order.stop), _teller(tools, order)),
    )
    recipe = finished.result.recipe
    tools.desk.change(
        order.job,
        capability=recipe.capability,
        wish=wish_of(recipe, count_of(finished.result)),
        title=title_of(recipe.prompt, label_of(CAPABILITIES, recipe.capability)),
        seed=recipe.seed,
    )
    _arrive(tools, order, _outcome(finished, began, ()), {})
    return count_of(finished.result) == 1


def layers_of(
    tools: Tools,
    order: Order,
    result: Result,
    variation: int | None = None,
    known: Mapping[bytes, bytes] | None = None,
) -> tuple[LayerPixels, ...]:
    """A result's layers with their bytes, kept or fetched; an outage is waited out. Blocks.

    What is kept needs no server. Raises Stopped also in the midst of an image.
    """

    def fetch(image: Image) -> bytes:
        go_on(order.stop)
        return _through(tools, order, lambda client: client.fetch(image, order.stop))

    return tools.kept.layers(fetch, result, variation, known)


def _through(tools: Tools, order: Order, work: Callable[[Client], T]) -> T:
    """Work that goes on when the server comes back; then the entry says again what it said."""
    before: list[Report | None] = []

    def waiting() -> None:
        before.append(_report_of(tools, order))
        tools.desk.change(order.job, report=WAITING)

    try:
        return tools.connection.mending(work, order.stop, waiting)
    finally:
        if before and _report_of(tools, order) is WAITING:
            tools.desk.change(order.job, report=before[0])


def _report_of(tools: Tools, order: Order) -> Report | None:
    entry = tools.desk.get(order.job)
    return entry.report if entry else None


def _teller(tools: Tools, order: Order) -> Callable[[Report], None]:
    def tell(report: Report) -> None:
        if order.stop.is_set():
            # What is still heard of it is of no use: it says that it stops until it has.
            return
        if report.preview is not None:
            # A preview says nothing about how far it is: what was said of that stays.
            tools.desk.change(order.job, preview=report.preview)
        else:
            state = STAGES.get(report.stage, states.PREPARING)
            tools.desk.change(order.job, report=report, state=state)

    return tell


def _outcome(finished: Finished, began: float, remarks: tuple[str, ...]) -> Outcome:
    total = time.monotonic() - began
    return Outcome(finished.job, finished.result, finished.timings, 0.0, total, (), remarks)


def _arrive(tools: Tools, order: Order, outcome: Outcome, known: Mapping[bytes, bytes]) -> None:
    """Fetch what was painted and show it."""
    _teller(tools, order)(Report("fetching", "Fetching the result"))
    began = time.monotonic()
    shown = _shown(tools, order, outcome.result, known)
    transfer = time.monotonic() - began
    go_on(order.stop)
    tools.desk.change(
        order.job,
        state=states.READY,
        report=None,
        preview=None,
        variations=shown,
        outcome=replace(outcome, transfer=transfer, total=outcome.total + transfer),
    )


def _shown(
    tools: Tools, order: Order, result: Result, known: Mapping[bytes, bytes]
) -> tuple[Shown, ...]:
    """One picture for each variation: that of its lowest layer."""
    shown = []
    for number, (seed, prompt) in enumerate(_variations(result, result.recipe)):
        # One after the other: eight of a large picture at once are gigabytes.
        layers = layers_of(tools, order, result, number, known)
        if layers:
            shown.append(Shown(number, seed, prompt, thumbnail(layers[0], THUMBNAIL_SIDE)))
    return tuple(shown)


def _variations(result: Result, recipe: Recipe) -> list[tuple[int, str]]:
    if not result.variations:
        return [(recipe.seed, recipe.prompt)]
    return [
        (each.seed, recipe.prompt if each.prompt is None else each.prompt)
        for each in result.variations
    ]


def wish_of(recipe: Recipe, count: int = 1) -> Wish:
    """What a kept job was asked, as far as its recipe tells."""
    return Wish(
        prompt=recipe.prompt,
        negative=recipe.negative,
        model=recipe.model,
        sampler=recipe.sampler,
        seed=recipe.seed,
        steps=min(recipe.steps, 150),
        guidance=recipe.guidance,
        strength=recipe.strength,
        clip_skip=recipe.clip_skip,
        quality=recipe.quality,
        count=count,
    )


def begun(job: bytes, capability: str, wish: Wish, seed: int) -> Entry:
    """The entry of an order that was just given."""
    title = title_of(wish.prompt, label_of(CAPABILITIES, capability))
    return Entry(job, capability, wish, title=title, seed=seed)
