"""One call of bottega-fill, from GIMP's question to its answer."""

from __future__ import annotations

import sys
import threading
import traceback
from typing import TYPE_CHECKING, Any

from bottega_client.actions import Report, Stopped, Wish, fill
from bottega_client.client import Client
from bottega_client.editor import EditorError
from bottega_client.launch import find_server
from bottega_protocol.errors import BottegaError

from .drawable import Drawing
from .gimp import Gimp, GLib, GObject
from .ui_thread import UiThread

if TYPE_CHECKING:
    from collections.abc import Callable

PROGRAM = "GIMP"
NOTHING = ("Nothing is selected.", "Select the part of the picture to paint first.")


def run(
    procedure: Gimp.Procedure, mode: Gimp.RunMode, image: Gimp.Image, *rest: Any
) -> Gimp.ValueArray:
    """Answer GIMP: the new layer, a stop, or what went wrong and what to do about it."""
    drawables, config, _ = rest
    try:
        drawing = Drawing(image, _layer_of(drawables), UiThread())
        if mode == Gimp.RunMode.NONINTERACTIVE:
            _paint(drawing, _wish_of(config), lambda _: None, threading.Event())
        else:
            _with_windows(drawing, ask=mode == Gimp.RunMode.INTERACTIVE)
    except Stopped:
        return procedure.new_return_values(Gimp.PDBStatusType.CANCEL, None)
    except BottegaError as error:
        return _sorry(procedure, f"{error.message}\n{error.remedy}".strip())
    except Exception as error:  # noqa: BLE001  # the edge of the process: GIMP would say nothing
        traceback.print_exc(file=sys.stderr)
        return _sorry(procedure, f"Bottega has a fault of its own: {error!r}")
    return _layer_back(procedure, drawing.placed)


def _layer_of(drawables: list[Gimp.Drawable]) -> Gimp.Layer:
    """The layer that the artist works on, also while painting on its mask."""
    if len(drawables) != 1:
        raise EditorError("Bottega works on one layer.", "Pick a single layer and try again.")
    if isinstance(drawables[0], Gimp.LayerMask):
        return Gimp.Layer.from_mask(drawables[0])
    if not isinstance(drawables[0], Gimp.Layer):
        raise EditorError("A channel can't be painted.", "Pick a layer and try again.")
    return drawables[0]


def _with_windows(drawing: Drawing, *, ask: bool) -> None:
    """Ask with our dialog (or repeat the last wish) and show how it goes."""
    from .windows import ask_for_wish, paint_in_window  # noqa: PLC0415  # needs a screen

    if drawing.canvas().selection is None:
        raise EditorError(*NOTHING)
    wish = ask_for_wish(ask=ask)
    paint_in_window(wish, lambda tell, stop: _paint(drawing, wish, tell, stop))


def _paint(
    drawing: Drawing, wish: Wish, tell: Callable[[Report], None], stop: threading.Event
) -> None:
    """Paint on another thread while this one, the UI's, stays alive."""

    def work() -> None:
        client = Client(find_server(), PROGRAM)
        try:
            client.connect()
            fill(drawing, client, wish, tell, stop)
        finally:
            client.close()

    UiThread().wait_for(work)


def _wish_of(config: Gimp.ProcedureConfig) -> Wish:
    """Arguments of a script; GIMP hands over untouched texts as None."""

    def text(name: str) -> str:
        return config.get_property(name) or ""

    seed = int(config.get_property("seed"))
    return Wish(
        prompt=text("prompt"),
        negative=text("negative"),
        model=text("model"),
        sampler=text("sampler"),
        seed=None if seed < 0 else seed,
        steps=config.get_property("steps"),
        guidance=config.get_property("guidance"),
        strength=config.get_property("strength"),
        source=text("source"),
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
