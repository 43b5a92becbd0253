"""One call of bottega-fill, -refine or -generate, from GIMP's question to its answer."""

from __future__ import annotations

import sys
import threading
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bottega_client.actions import perform
from bottega_client.client import Client
from bottega_client.editor import EditorError
from bottega_client.placing import count_of, place_variations
from bottega_client.reports import Report, Stopped
from bottega_client.wishes import Wish
from bottega_client.words import told
from bottega_protocol.errors import BottegaError

from .drawable import Drawing
from .gimp import Gimp, GLib, GObject
from .kept import server_address
from .new_image import NewImage
from .ui_thread import UiThread

if TYPE_CHECKING:
    from collections.abc import Callable

PROGRAM = "GIMP"
NUMBERS_AND_CHOICES = {
    "steps": "steps",
    "guidance": "guidance",
    "clip_skip": "clip-skip",
    "quality": "quality",
    "count": "count",
    "grow": "grow",
    "strength": "strength",
    "source": "source",
    "intent": "intent",
    "width": "width",
    "height": "height",
}
"""A wish's field and the argument that gives it, where a procedure has it."""

NOTHING = ("Nothing is selected.", "Select the part of the picture to paint first.")


def run(
    capability: str,
    procedure: Gimp.Procedure,
    mode: Gimp.RunMode,
    image: Gimp.Image | None,
    *rest: Any,
) -> Gimp.ValueArray:
    """Answer GIMP: the new layer, a stop, or what went wrong and what to do about it."""
    drawables, config, _ = rest
    try:
        drawing = image and Drawing(
            image, _layer_for(capability, drawables), UiThread(), Gimp.message
        )
        if mode == Gimp.RunMode.NONINTERACTIVE:
            wish = _wish_of(config)
            paper = _paper(drawing, wish, shown=False)
            _paint(paper, capability, wish, lambda _: None, threading.Event())
        else:
            paper = _with_windows(drawing, capability, ask=mode == Gimp.RunMode.INTERACTIVE)
    except Stopped:
        return procedure.new_return_values(Gimp.PDBStatusType.CANCEL, None)
    except BottegaError as error:
        return _sorry(procedure, "\n".join(told(error)).strip())
    except Exception as error:  # noqa: BLE001  # the edge of the process: GIMP would say nothing
        traceback.print_exc(file=sys.stderr)
        return _sorry(procedure, f"Bottega has a fault of its own: {error!r}")
    return _layer_back(procedure, paper.placed)


def _layer_for(capability: str, drawables: list[Gimp.Drawable]) -> Gimp.Layer | None:
    """What is painted from words alone needs no layer, also in an image without any."""
    if capability == "generate" and len(drawables) != 1:
        return None
    return layer_of(drawables)


def layer_of(drawables: list[Gimp.Drawable]) -> Gimp.Layer:
    """The layer that the artist works on, also while painting on its mask."""
    if len(drawables) != 1:
        raise EditorError("Bottega works on one layer.", "Pick a single layer and try again.")
    if isinstance(drawables[0], Gimp.LayerMask):
        return Gimp.Layer.from_mask(drawables[0])
    if not isinstance(drawables[0], Gimp.Layer):
        raise EditorError("A channel can't be painted.", "Pick a layer and try again.")
    return drawables[0]


def _paper(drawing: Drawing | None, wish: Wish, *, shown: bool) -> Drawing | NewImage:
    """Where a wish's result goes: the image that was given, or a new one, in a window if `shown`.

    Raises EditorError without either.
    """
    if wish.new_size is not None:
        return NewImage(wish.new_size, UiThread(), shown=shown)
    if drawing is None:
        raise EditorError("No image is open.", "Open one, or give a new one's width and height.")
    return drawing


def _with_windows(drawing: Drawing | None, capability: str, *, ask: bool) -> Drawing | NewImage:
    """Ask with our dialog (or repeat the last wish) and show how it goes."""
    from .windows import ask_for_wish, paint_in_window  # noqa: PLC0415  # needs a screen

    if capability == "fill" and (drawing is None or drawing.canvas().selection is None):
        raise EditorError(*NOTHING)
    wish = ask_for_wish(capability, ask=ask, here=drawing is not None)
    paper = _paper(drawing, wish, shown=True)
    paint_in_window(
        capability, wish, lambda tell, stop: _paint(paper, capability, wish, tell, stop)
    )
    return paper


def _paint(
    drawing: Drawing | NewImage,
    capability: str,
    wish: Wish,
    tell: Callable[[Report], None],
    stop: threading.Event,
) -> None:
    """Paint on another thread while this one, the UI's, stays alive; all variations are placed."""

    def work() -> None:
        client = Client(server_address(Path(Gimp.directory())), PROGRAM)
        try:
            client.connect()
            outcome = perform(drawing, client, capability, wish, tell, stop)
            count = count_of(outcome.result)
            if count > 1:
                variations = range(count)
                place_variations(drawing, outcome.job, outcome.result, outcome.layers, variations)
        finally:
            client.close()

    UiThread().wait_for(work)


def _wish_of(config: Gimp.ProcedureConfig) -> Wish:
    """Arguments of a script; GIMP hands over untouched texts as None."""

    def text(name: str) -> str:
        return config.get_property(name) or ""

    known = {each.name for each in config.list_properties()}
    seed, feather = int(config.get_property("seed")), config.get_property("feather")
    return Wish(
        prompt=text("prompt"),
        negative=text("negative"),
        model=text("model"),
        sampler=text("sampler"),
        seed=None if seed < 0 else seed,
        feather=None if feather < 0 else feather,
        **{
            field: config.get_property(name)
            for field, name in NUMBERS_AND_CHOICES.items()
            if name in known
        },
    )


def _sorry(procedure: Gimp.Procedure, text: str) -> Gimp.ValueArray:
    error = GLib.Error.new_literal(Gimp.PlugIn.error_quark(), text, 0)
    return procedure.new_return_values(Gimp.PDBStatusType.EXECUTION_ERROR, error)


def _layer_back(procedure: Gimp.Procedure, layer: Gimp.Layer | None) -> Gimp.ValueArray:
    values = procedure.new_return_values(Gimp.PDBStatusType.SUCCESS, None)
    value = GObject.Value()
    value.init(Gimp.Layer.__gtype__)
    value.set_object(layer)
    values.remove(1)
    values.insert(1, value)
    return values
