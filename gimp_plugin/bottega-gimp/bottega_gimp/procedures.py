"""The table of procedures: what GIMP's menus and scripts can ask of Bottega."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from .gimp import Gimp, GObject

Run = Callable[..., Gimp.ValueArray]


@dataclass(frozen=True)
class Argument:
    """One argument: `kind` names GIMP's type, `rest` is its range (if any) and default."""

    kind: str
    name: str
    label: str
    about: str
    rest: tuple[Any, ...]


@dataclass(frozen=True)
class Procedure:
    """One thing to do with an image and its active layer; returns the new layer."""

    name: str
    label: str
    about: str
    arguments: tuple[Argument, ...]
    run: Run


def _fill(procedure: Gimp.Procedure, *call: Any) -> Gimp.ValueArray:
    """Import late: GIMP starts this script at every start of its own, only to list it."""
    from .fill import run  # noqa: PLC0415  # see above

    return run(procedure, *call)


PAINTING = (
    Argument("string", "prompt", "_Prompt", "What to paint there", ("",)),
    Argument("string", "negative", "_Negative prompt", "What to keep out", ("",)),
    Argument(
        "double", "strength", "_Strength", "0 keeps what is there, 1 paints anew", (0.0, 1.0, 1.0)
    ),
    # A double, because GIMP's integers end at 2**31 - 1.
    Argument("double", "seed", "S_eed", "A whole number; -1 picks one", (-1.0, 2.0**32 - 1, -1.0)),
    Argument("string", "model", "_Model", "The model's id; empty: the server's default", ("",)),
    Argument("int", "steps", "S_teps", "0: the server's default", (0, 150, 0)),
    Argument("double", "guidance", "_Guidance", "0: the server's default", (0.0, 50.0, 0.0)),
    Argument("string", "sampler", "Sa_mpler", "Its id; empty: the server's default", ("",)),
    Argument(
        "choice",
        "source",
        "S_ource",
        "What the model sees around the selection",
        ({"visible": "The visible picture", "active": "The active layer alone"}, "visible"),
    ),
)

PROCEDURES = {
    entry.name: entry
    for entry in (
        Procedure(
            "bottega-fill",
            "_Fill selection…",
            "Paints what is selected as the prompt says, on a new layer with the selection as mask",
            PAINTING,
            _fill,
        ),
    )
}


def make_procedure(plugin: Gimp.PlugIn, entry: Procedure) -> Gimp.Procedure:
    """Make GIMP's own object of a line of the table."""
    procedure = Gimp.ImageProcedure.new(
        plugin, entry.name, Gimp.PDBProcType.PLUGIN, entry.run, None
    )
    procedure.set_image_types("RGB*, GRAY*")
    procedure.set_sensitivity_mask(Gimp.ProcedureSensitivityMask.DRAWABLE)
    procedure.set_menu_label(entry.label)
    procedure.add_menu_path("<Image>/Filters/Bottega")
    procedure.set_documentation(entry.about, None, entry.name)
    procedure.set_attribution("The Bottega authors", "Apache-2.0", "2025")
    for argument in entry.arguments:
        _add(procedure, argument)
    procedure.add_layer_return_value(
        "layer", "Layer", "The new layer", False, GObject.ParamFlags.READWRITE
    )
    return procedure


def _add(procedure: Gimp.Procedure, argument: Argument) -> None:
    rest: Sequence[Any] = argument.rest
    if argument.kind == "choice":
        words, default = argument.rest
        rest = (_choice(words), default)
    add = getattr(procedure, f"add_{argument.kind}_argument")
    add(argument.name, argument.label, argument.about, *rest, GObject.ParamFlags.READWRITE)


def _choice(words: dict[str, str]) -> Gimp.Choice:
    choice = Gimp.Choice.new()
    for number, (word, label) in enumerate(words.items()):
        choice.add(word, number, label, "")
    return choice
