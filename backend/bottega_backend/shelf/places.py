"""Where models lie: the models folder, places that the user named, other programs' trees."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bottega_backend.errors import Unreadable

from .folders import read_json

PLACES = "places.json"
"""In the models folder: {"places": [absolute paths]}, of folders and files used in place."""

MOST_PLACES = 100

TREES = (("models/Stable-diffusion",), ("models/checkpoints", "models/diffusers"))
"""Where AUTOMATIC1111's webui and Forge keep whole models, and where ComfyUI does."""

DEEPEST = 4
"""Folders below a place that are looked into."""

MOST_ENTRIES = 5000
"""Files and folders looked at below one place."""

WEIGHTS = (".safetensors", ".sft", ".ckpt", ".pt", ".pth", ".bin", ".gguf")
"""Files that may be meant as a model; all others are passed over, for they lie beside models."""


VOCABULARY = "tokenizer"
"""A folder beside single files that holds what they lack: see vocabulary.py."""


@dataclass(frozen=True)
class Entry:
    """Something that may be a model, and what it is called: its path within its place."""

    path: Path
    name: str


def read_places(models_folder: Path) -> tuple[Path, ...]:
    """The places that the user named; raises Unreadable for a list that can't be read."""
    path = models_folder / PLACES
    if not path.is_file():
        return ()
    places = read_json(path).get("places")
    if not isinstance(places, list) or not all(isinstance(place, str) for place in places):
        raise Unreadable(PLACES, "is no list of places")
    return tuple(Path(place) for place in places[:MOST_PLACES] if os.path.isabs(place))  # noqa: PTH117  # of a text


def write_places(models_folder: Path, places: tuple[Path, ...]) -> None:
    """Replace the list of places, whole or not at all."""
    models_folder.mkdir(parents=True, exist_ok=True)
    partial = models_folder / (PLACES + ".partial")
    told = {"places": [str(place.absolute()) for place in places]}
    partial.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    partial.replace(models_folder / PLACES)


def look(place: Path) -> list[Entry]:
    """Everything in a place that may be a model, by name; raises OSError."""
    if place.is_file() or is_model_folder(place):
        return [Entry(place, place.name)]
    trees = [place / root for kind in TREES for root in kind if (place / root).is_dir()]
    found = [entry for root in trees or [place] for entry in _walk(root)]
    return sorted(found, key=lambda entry: (entry.name.casefold(), entry.name))


def is_model_folder(folder: Path) -> bool:
    """Whether a folder is meant as one model in the diffusers layout."""
    # pathlib raises where a folder is closed, and one closed folder would hide its neighbours.
    index, unet = folder / "model_index.json", folder / "unet"
    return os.path.isfile(index) or os.path.isdir(unet)  # noqa: PTH112, PTH113  # see above


def _walk(root: Path) -> list[Entry]:
    count = iter(range(MOST_ENTRIES))
    return [Entry(path, path.relative_to(root).as_posix()) for path in _below(root, 1, count)]


def _below(folder: Path, depth: int, count: Iterator[int]) -> Iterator[Path]:
    """Models and what may be meant as one; folders of the place without any are named too."""
    for path in sorted(folder.iterdir()):
        hidden = path.name.startswith(".") or path.name == VOCABULARY
        if hidden or next(count, None) is None:
            continue
        if not path.is_dir():
            if path.suffix.lower() in WEIGHTS:
                yield path
        elif is_model_folder(path):
            yield path
        elif depth < DEEPEST:
            found = _within(path, depth + 1, count)
            yield from found or ([path] if depth == 1 else [])


def _within(folder: Path, depth: int, count: Iterator[int]) -> list[Path]:
    """As _below, for a folder that may turn out closed."""
    try:
        return list(_below(folder, depth, count))
    except OSError:
        return []
