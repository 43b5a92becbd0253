"""What both editors offer the artist, and what they call it: one table of each."""

from __future__ import annotations

from typing import NamedTuple


class Choice(NamedTuple):
    """Something that can be chosen: the protocol's name, the artist's word, and what it means."""

    name: str
    label: str
    tip: str


CAPABILITIES = (
    Choice("generate", "Generate", "Paint a new picture from the prompt"),
    Choice("fill", "Fill", "Paint the selection anew"),
    Choice("refine", "Refine", "Paint over what is there, as far as the strength allows"),
)

INTENTS = (
    Choice("fill", "Fill", "Go on with the surroundings, or paint what the prompt says"),
    Choice("add", "Add content", "Paint a thing that was not there"),
    Choice("remove", "Remove content", "Paint what lies behind the thing that is selected"),
    Choice("replace", "Replace background", "Paint another background where it is selected"),
)

QUALITIES = (
    Choice("draft", "Draft", "A quick look: few steps"),
    Choice("good", "Good", "The model's own settings"),
    Choice("best", "Best", "More steps and finer passes: takes longer"),
)

HERE, NEW = "here", "new"
TARGETS = (
    Choice(HERE, "This picture", "The result becomes a layer of the picture in front"),
    Choice(NEW, "A new picture", "Generate a picture of its own, of this size"),
)

NEW_SIDE = 1024
"""Pixels of a new picture's sides, to begin with."""

LEAST_SIDE, MOST_SIDE, SIDE_STEP = 64, 8192, 64
"""Pixels of a new picture's side, and of a click on the arrows of its field."""

STRENGTH = {"generate": 1.0, "fill": 1.0, "refine": 0.5}
"""What no strength means, by capability."""


def capability_for(selected: bool, strength: float, target: str = HERE) -> str:  # noqa: FBT001  # a state of the document
    """What the main button does: by the selection, the strength (0 to 1), and for what picture."""
    if target == NEW:
        return "generate"
    if strength < 1:
        return "refine"
    return "fill" if selected else "generate"


def label_of(choices: tuple[Choice, ...], name: str) -> str:
    """The artist's word; the name itself for one that is not known here."""
    return next((choice.label for choice in choices if choice.name == name), name)


def button_for(capability: str, intent: str = "fill") -> str:
    """What the main button says: fill's button names the intent."""
    if capability == "fill":
        return label_of(INTENTS, intent)
    return label_of(CAPABILITIES, capability)
