"""The table of procedures: what GIMP's menus and scripts can ask of Bottega."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bottega_client.choose import INTENTS, MOST_SIDE, QUALITIES, STRENGTH

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


def _call(capability: str) -> Run:
    """Import late: GIMP starts this script at every start of its own, only to list it."""

    def run_it(procedure: Gimp.Procedure, *call: Any) -> Gimp.ValueArray:
        from .call import run  # noqa: PLC0415  # see above

        return run(capability, procedure, *call)

    return run_it


PAINTING = (
    Argument("string", "prompt", "_Prompt", "What to paint there", ("",)),
    Argument("string", "negative", "_Negative prompt", "What to keep out", ("",)),
    # A double, because GIMP's integers end at 2**31 - 1.
    Argument("double", "seed", "S_eed", "A whole number; -1 picks one", (-1.0, 2.0**32 - 1, -1.0)),
    Argument("string", "model", "_Model", "The model's id; empty: the server's default", ("",)),
    Argument(
        "choice",
        "quality",
        "_Quality",
        "What steps, guidance and sampler are where they are left open",
        ({word.name: word.label for word in QUALITIES}, "good"),
    ),
    Argument("int", "count", "_Variations", "So many, each with a seed of its own", (1, 8, 1)),
    Argument("int", "steps", "S_teps", "0: by quality", (0, 150, 0)),
    Argument("double", "guidance", "_Guidance", "0: as the model likes", (0.0, 50.0, 0.0)),
    Argument("string", "sampler", "Sa_mpler", "Its id; empty: by quality", ("",)),
    Argument("int", "clip-skip", "_Clip skip", "0: as the model likes", (0, 12, 0)),
    Argument("int", "feather", "_Feather", "Softens the edge inwards; -1: by size", (-1, 1024, -1)),
)
"""What every procedure takes; what is left out is the server's default."""

SOURCE = Argument(
    "choice",
    "source",
    "S_ource",
    "What the model sees around the selection",
    ({"visible": "Visible picture", "active": "Active layer"}, "visible"),
)
GROW = Argument("int", "grow", "Gro_w", "How far to reach out over the selection", (0, 1024, 0))
INTENT = Argument(
    "choice",
    "intent",
    "_Intent",
    "What to do with the selection",
    ({word.name: word.label for word in INTENTS}, "fill"),
)

NEW_SIZE = (
    Argument("int", "width", "_Width", "Of a new image; 0: into this one", (0, MOST_SIDE, 0)),
    Argument("int", "height", "_Height", "Of a new image; 0: into this one", (0, MOST_SIDE, 0)),
)


def _strength(default: float) -> Argument:
    about = "1 paints from noise, less keeps as much of what is there"
    return Argument("double", "strength", "_Strength", about, (0.0, 1.0, default))


PROCEDURES = {
    entry.name: entry
    for entry in (
        Procedure(
            "bottega-fill",
            "_Fill selection…",
            "Paints the selection anew, on a new layer with the selection as mask",
            (*PAINTING, _strength(STRENGTH["fill"]), SOURCE, GROW, INTENT),
            _call("fill"),
        ),
        Procedure(
            "bottega-refine",
            "_Refine…",
            "Paints over the selection, or the whole picture, as far as the strength allows",
            (*PAINTING, _strength(STRENGTH["refine"]), SOURCE, GROW),
            _call("refine"),
        ),
        Procedure(
            "bottega-generate",
            "_Generate…",
            "Paints a new picture from the prompt: into the selection, the canvas or a new image",
            (*PAINTING, *NEW_SIZE),
            _call("generate"),
        ),
    )
}


def make_procedure(plugin: Gimp.PlugIn, entry: Procedure) -> Gimp.Procedure:
    """Make GIMP's own object of a line of the table."""
    procedure = Gimp.ImageProcedure.new(
        plugin, entry.name, Gimp.PDBProcType.PLUGIN, entry.run, None
    )
    procedure.set_image_types("RGB*, GRAY*")
    mask = Gimp.ProcedureSensitivityMask
    some = mask.DRAWABLE
    if entry.name == "bottega-generate":
        some = mask.DRAWABLE | mask.DRAWABLES | mask.NO_DRAWABLES | mask.NO_IMAGE
    procedure.set_sensitivity_mask(some)
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
