"""Which models there are: the built-in ones, and those in the models folder and other places."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from bottega_backend.errors import Unreadable
from bottega_protocol.errors import BadMessage, Refusal
from bottega_protocol.regions import Size
from bottega_protocol.requests import MODEL

from .places import Entry, look, read_places
from .recognise import recognise

BUILT_IN = Path(__file__).parent.parent / "apprentice" / "weights"
"""The folders of the models that come with the package."""


MOST_MODELS = 64
"""As many as one list on the wire takes, if it is not too long before."""

MOST_BYTES = 48 * 1024
"""Of a list on the wire for models that are not built in; a message has 64 KiB."""

MOST_NUMBERS = 320
"""Bytes of a model on the wire beside its texts: field names and numbers."""

MOST_NAMED = 12
"""Models named where one is not found, the user's own first."""


@dataclass(frozen=True)
class Model:
    """One model. `folder` is its diffusers folder, or the single file that it is.

    `native` is the size in pixels that it was trained at.
    `sampler`, `steps` and `guidance` are what an empty field of a request means with it. `kind`
    says how it was distilled (turbo, lightning, hyper, lcm), if it was. Without `details` it knows
    whole pictures only: shown a part of one, it paints a whole one into it.
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
    kind: str = ""
    details: bool = True


@dataclass(frozen=True)
class Unknown:
    """Something in the models folder or another place that can't be used, and why."""

    name: str
    why: str


APPRENTICE_LICENCE = "Apache-2.0; made by this project from scenes that it rendered itself"
APPRENTICE_NOTE = (
    "A first draft. It knows one small painted world: balls, cubes, cones, towers, houses and "
    "trees on grass, sand, snow or water, 128 pixels wide. It does not know photographs."
)


def capabilities(in_channels: int) -> tuple[str, ...]:
    """What a model can do: one with nine channels was trained to fill, and nothing else."""
    return ("fill",) if in_channels == 9 else ("generate", "fill", "refine")


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
        capabilities=capabilities(in_channels),
        sampler="DPM++ 2M Karras",
        steps=20,
        guidance=4.5,
        details=False,
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
        own = _read(models_folder)
        usable = [entry for entry in own if isinstance(entry, Model)]
        room = _room(usable)
        self.models = (*BUILT_INS, *usable[:room])
        self.unknown = (
            *(entry for entry in own if isinstance(entry, Unknown)),
            *(Unknown(model.name, f"comes after the first {room}") for model in usable[room:]),
        )

    def find(self, id_: str) -> Model:
        """The model with this id; raises Refusal with what there is instead."""
        for model in self.models:
            if model.id == id_:
                return model
        names = ", ".join(model.id for model in self.models[-MOST_NAMED:])
        raise Refusal(
            "unknown-model",
            f"There is no model {id_!s:.80} here.",
            f"Choose one of: {names:.1000}.",
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


def _room(usable: list[Model]) -> int:
    """How many of these one list on the wire takes beside the built-in ones."""
    texts = (model.id + model.name + model.licence + model.note for model in usable)
    sums = accumulate(len(text.encode()) + MOST_NUMBERS for text in texts)
    return min(MOST_MODELS - len(BUILT_INS), sum(size <= MOST_BYTES for size in sums))


def _read(folder: Path | None) -> list[Model | Unknown]:
    """Describe what lies in the models folder, and in the places that it names."""
    if folder is None:
        return []
    found: dict[str, Model | Unknown] = {}
    seen: set[Path] = set()
    for path, id_ in _everything(folder):
        if isinstance(path, Unknown):
            found[path.name] = path
            continue
        if path in seen:  # a place may lie within another one
            continue
        seen.add(path)
        # Of equal names the first keeps it; the others are told apart by where they lie.
        unique = id_ if id_ not in found else f"{id_} ({_mark(path)})"
        found[unique] = describe_model(path, unique)
    return list(found.values())


def _everything(folder: Path) -> Iterator[tuple[Path | Unknown, str]]:
    """Each path that may be a model, and the id that it would like."""
    for entry in _entries(folder, "can't be read ({}): no models of your own"):
        yield (entry.path, entry.name) if isinstance(entry, Entry) else (entry, "")
    try:
        places = read_places(folder)
    except Unreadable as error:
        yield Unknown(error.name, error.why), ""
        return
    for place in places:
        for entry in _entries(place, "can't be read ({})"):
            if isinstance(entry, Unknown):
                yield entry, ""
            else:
                alone = entry.path == place
                yield entry.path, entry.name if alone else f"{place.name}/{entry.name}"


def _entries(place: Path, why: str) -> list[Entry] | list[Unknown]:
    try:
        return look(place)
    except OSError as error:
        return [Unknown(str(place), why.format(error.strerror))]


def _mark(path: Path) -> str:
    return hashlib.sha256(str(path).encode(errors="replace")).hexdigest()[:6]


def describe_model(path: Path, id_: str) -> Model | Unknown:
    """What a path is, under this id."""
    try:
        MODEL.check(id_, "name")
    except BadMessage as error:
        return Unknown(ascii(id_), f"has a name that can't be sent: it {error.why}")
    if id_ in {model.id for model in BUILT_INS}:
        return Unknown(id_, "has the id of a built-in model; rename the folder")
    try:
        layout = recognise(path)
    except Unreadable as error:
        return Unknown(
            id_, error.why if error.name == path.name else f"can't be used: {error.message}"
        )
    except OSError as error:
        return Unknown(id_, f"can't be read ({error.strerror})")
    sampler, steps, guidance = layout.defaults()
    return Model(
        id=id_,
        name=path.name if path.is_dir() else path.stem,
        family=layout.family,
        folder=path,
        native=layout.native,
        in_channels=layout.in_channels,
        licence=layout.licence,
        note=layout.note or "From the models folder.",
        capabilities=capabilities(layout.in_channels),
        sampler=sampler,
        steps=steps,
        guidance=guidance,
        kind=layout.kind,
    )
