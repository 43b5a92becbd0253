"""Which models there are: the built-in ones and those in the user's models folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bottega_backend.errors import Unreadable
from bottega_backend.shelf.folders import inspect_folder
from bottega_protocol.errors import Refusal
from bottega_protocol.regions import Size

BUILT_IN = Path(__file__).parent.parent / "apprentice" / "weights"
"""The folders of the models that come with the package."""


@dataclass(frozen=True)
class Model:
    """One model. `folder` holds it in the diffusers layout; `native` is what it was trained at.

    `sampler`, `steps` and `guidance` are what an empty field of a request means with it.
    """

    id: str
    name: str
    family: str
    folder: Path
    native: Size
    in_channels: int
    licence: str
    note: str
    capabilities: tuple[str, ...]
    sampler: str
    steps: int
    guidance: float


@dataclass(frozen=True)
class Unknown:
    """Something in the models folder that can't be used, and why."""

    name: str
    why: str


APPRENTICE_LICENCE = "Apache-2.0; made by this project from scenes that it rendered itself"
APPRENTICE_NOTE = (
    "A first draft. It knows one small painted world: balls, cubes, cones, towers, houses and "
    "trees on grass, sand, snow or water, 128 pixels wide. It does not know photographs."
)


def _apprentice(id_: str, name: str, folder: str, in_channels: int) -> Model:
    return Model(
        id=id_,
        name=name,
        family="Apprentice",
        folder=BUILT_IN / folder,
        native=Size(128, 128),
        in_channels=in_channels,
        licence=APPRENTICE_LICENCE,
        note=APPRENTICE_NOTE,
        capabilities=("fill",),
        sampler="DPM++ 2M Karras",
        steps=20,
        guidance=4.5,
    )


BUILT_INS = (
    _apprentice("apprentice-inpaint", "Apprentice inpaint (first draft)", "inpaint", 9),
    _apprentice("apprentice", "Apprentice (first draft)", "base", 4),
)
"""The models that come with the package; the first with a capability is its default."""


class Catalog:
    """Every model that can be asked for, read once from disk.

    `models` are usable, built-in ones first; `unknown` lists what else lies in the models folder.
    """

    def __init__(self, models_folder: Path | None = None) -> None:
        own = [_describe(entry) for entry in _entries(models_folder)]
        self.models = (*BUILT_INS, *(entry for entry in own if isinstance(entry, Model)))
        self.unknown = tuple(entry for entry in own if isinstance(entry, Unknown))

    def find(self, id_: str) -> Model:
        """The model with this id; raises Refusal with what there is instead."""
        for model in self.models:
            if model.id == id_:
                return model
        names = ", ".join(model.id for model in self.models)
        raise Refusal(
            "unknown-model", f"There is no model {id_!s:.80} here.", f"Choose one of: {names}."
        )

    def default(self, capability: str) -> Model:
        """The model for a request that names none; raises Refusal where none can do it."""
        for model in self.models:
            if capability in model.capabilities:
                return model
        raise Refusal(
            "unknown-capability",
            f"No model here can do {capability!s:.40}.",
            "Choose another capability, or put a model for it into the models folder.",
        )


def _entries(folder: Path | None) -> list[Path]:
    if folder is None or not folder.is_dir():
        return []
    return sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))


def _describe(entry: Path) -> Model | Unknown:
    """What an entry of the models folder is."""
    if entry.name in {model.id for model in BUILT_INS}:
        return Unknown(entry.name, "has the id of a built-in model; rename the folder")
    try:
        layout = inspect_folder(entry)
    except Unreadable as error:
        return Unknown(entry.name, error.why)
    return Model(
        id=entry.name,
        name=entry.name,
        family=layout.family,
        folder=entry,
        native=layout.native,
        in_channels=layout.in_channels,
        licence="",
        note="From the models folder.",
        capabilities=("fill",),
        sampler="DPM++ 2M Karras",
        steps=25,
        guidance=7.0,
    )
