"""What becomes of a result: placed into a document, which remembers it, or looked at closer."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from bottega_protocol.errors import BottegaError
from bottega_protocol.results import Result

from . import entries as states
from .course import Order, Tools, attend_course, layers_of
from .editor import EditorError, LayerPixels
from .entries import Entry, Shown, Zoomed
from .history import BY_SERVER, SIDE, Past, pack, read, remember
from .placing import count_of, placing_key
from .reading import new_job
from .thumbnails import thumbnail

log = logging.getLogger(__name__)

NO_SUCH = ("There is no such variation.", "Pick one of those shown.")
GONE = ("This job is no longer in the list.", "Look for it in Recent results.")


def put(tools: Tools, order: Order, variations: Sequence[int]) -> None:
    """Place picked variations, each as one undo step, and have the document remember them.

    One that is placed already is placed once more: the artist asks for it. Blocks; raises
    EditorError where the document does not take it, and then says so in the entry too.
    """
    try:
        for variation in variations:
            _put_one(tools, order, variation)
            _mark(tools, order.job, (variation,))
    except BottegaError as error:
        if not tools.connection.closed.is_set():
            tools.desk.change(order.job, error=error)
        raise
    # The layers are there: that the server could not be told any more is no failure.
    with suppress(BottegaError):
        tools.connection.client().acknowledge(order.job)


def _put_one(tools: Tools, order: Order, variation: int) -> None:
    entry, result = _finished(tools, order.job)
    shown = next((each for each in entry.variations if each.variation == variation), None)
    if shown is None:
        raise EditorError(*NO_SUCH)
    layers = layers_of(tools, order, result, variation)
    key = placing_key(order.job, variation, count_of(result))
    past, editor = past_of(entry, shown, layers), order.editor
    before = editor.on_ui(editor.notes)
    after = remember(before, (past,))

    def note() -> None:
        # In one turn: no other panel may come between reading the notes and keeping them.
        notes = editor.notes()
        try:
            editor.keep_notes(after if notes == before else remember(notes, (past,)))
        except EditorError:
            log.warning("the document could not remember a result", exc_info=True)

    editor.place(new_job() if shown.placed else key, layers)
    editor.on_ui(note)


def _mark(tools: Tools, job: bytes, variations: Sequence[int]) -> None:
    """Say that these are in the document."""
    entry = tools.desk.get(job)
    if entry is None:
        return
    shown = tuple(
        replace(each, placed=each.placed or each.variation in variations)
        for each in entry.variations
    )
    tools.desk.change(job, variations=shown, state=states.PLACED, report=None, error=None)


def brought_course(tools: Tools, order: Order) -> bool:
    """A kept job as an entry; whether it is a single variation that is not placed yet. Blocks.

    What the document remembers of it counts as placed.
    """
    document, notes = order.editor.on_ui(
        lambda: (order.editor.canvas().document, order.editor.notes())
    )
    tools.desk.change(order.job, document=document)
    single = attend_course(tools, order)
    placed = [past.variation for past in read(notes) if past.job == order.job]
    if placed:
        _mark(tools, order.job, placed)
    return single and not placed


def zoom(tools: Tools, order: Order, variation: int, side: int) -> None:
    """Have a variation told in a larger size. Blocks."""
    _, result = _finished(tools, order.job)
    layers = layers_of(tools, order, result, variation)
    if not layers:
        raise EditorError(*NO_SUCH)
    tools.desk.say(Zoomed(order.job, variation, thumbnail(layers[0], side)))


def _finished(tools: Tools, job: bytes) -> tuple[Entry, Result]:
    entry = tools.desk.get(job)
    if entry is None:
        raise EditorError(*GONE)
    if entry.outcome is None:
        raise EditorError("There is no result yet.", "Wait until it is painted.")
    return entry, entry.outcome.result


def past_of(entry: Entry, shown: Shown, layers: Sequence[LayerPixels]) -> Past:
    """What a document remembers of one variation of an entry."""
    assert entry.outcome is not None  # noqa: S101  # only what is finished is remembered
    recipe, wish = entry.outcome.result.recipe, entry.wish
    return Past(
        job=entry.job,
        variation=shown.variation,
        capability=recipe.capability,
        time=time.time(),
        seed=shown.seed,
        # As it was asked: with another seed alternatives are chosen anew.
        prompt=wish.prompt,
        negative=wish.negative,
        model=recipe.model,
        model_name=recipe.model_name,
        sampler=recipe.sampler,
        steps=recipe.steps,
        guidance=recipe.guidance,
        strength=recipe.strength,
        clip_skip=recipe.clip_skip,
        quality=recipe.quality,
        intent=wish.intent,
        feather=wish.feather,
        grow=wish.grow,
        left=tuple(name for name in BY_SERVER if not getattr(wish, name)),
        **pack(thumbnail(layers[0], SIDE)),
    )
