"""One job of the command line: asked of a server, shown while it runs, written as files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bottega_client.actions import Outcome, perform
from bottega_client.client import Client
from bottega_client.placing import count_of, place_variations
from bottega_client.wishes import Wish
from bottega_protocol.regions import Rectangle
from bottega_protocol.results import Layer, Result

from .pictures import PictureEditor
from .png_files import Chunks, PngPicture, numbered, write_png
from .progress import shown, stop_on_interrupt


@dataclass(frozen=True)
class Asked:
    """What is to be painted: a capability, a wish, and what the progress bar calls it."""

    capability: str
    wish: Wish
    title: str


@dataclass(frozen=True)
class Painted:
    """A job that is done: its outcome and the bytes that went over the line for it."""

    asked: Asked
    outcome: Outcome
    sent: int
    received: int


def paint(editor: PictureEditor, client: Client, asked: Asked) -> Painted:
    """Do one job while a bar shows how far it is; Ctrl+C cancels it and raises Stopped.

    Every variation is placed.
    """
    before = client.traffic
    with stop_on_interrupt() as stop, shown(asked.title) as tell:
        outcome = perform(editor, client, asked.capability, asked.wish, tell, stop)
    count = count_of(outcome.result)
    if count > 1:  # a single one is placed already
        place_variations(editor, outcome.job, outcome.result, outcome.layers, range(count))
        client.acknowledge(outcome.job)
    sent, received = client.traffic
    return Painted(asked, outcome, sent - before[0], received - before[1])


def write_layers(editor: PictureEditor, chunks: Chunks, out: Path) -> list[Path]:
    """One file per layer: the first is `out`, the next have a number before the ending."""
    # A grey picture's colour profile would be wrong for a layer in RGB.
    kept = chunks if editor.samples.shape[2] > 2 else ()
    files = []
    for index, samples in enumerate(editor.layer_pictures()):
        file = numbered(out, index)
        write_png(file, PngPicture(samples, kept))
        files.append(file)
    return files


def write_composites(editor: PictureEditor, chunks: Chunks, out: Path) -> list[Path]:
    """The picture with each variation's layers over it, numbered as layers are."""
    files = []
    for index, variation in enumerate(editor.variations()):
        file = numbered(out, index)
        write_png(file, PngPicture(editor.composite(variation), chunks))
        files.append(file)
    return files


def summary(editor: PictureEditor, done: Painted, files: list[Path]) -> dict[str, Any]:
    """What `--json` says of a job; times in seconds."""
    outcome = done.outcome
    recipe = outcome.result.recipe
    layers = [placed.layer for placed in editor.layers]
    return {
        "job": outcome.job.hex(),
        "capability": recipe.capability,
        "prompt": recipe.prompt,
        "seed": recipe.seed,
        "model": recipe.model,
        "sampler": recipe.sampler,
        "steps": recipe.steps,
        "painted": [recipe.painted.width, recipe.painted.height],
        "read": _numbers(editor.rectangle) if editor.rectangle else [],
        "layers": [
            _described(outcome.result, layer, file)
            for layer, file in zip(layers, files, strict=True)
        ],
        "hints": [*outcome.remarks, *recipe.hints],
        "sent_bytes": done.sent,
        "received_bytes": done.received,
        "timings": timings(outcome),
    }


def _described(result: Result, layer: Layer, file: Path) -> dict[str, Any]:
    """One layer: its file, its place, its seed, and its prompt where that is its own."""
    at = layer.rectangle
    about = {"file": str(file), "x": at.x, "y": at.y, "width": at.width, "height": at.height}
    if not result.variations:
        return {**about, "seed": result.recipe.seed}
    own = result.variations[layer.variation]
    prompt = {} if own.prompt is None else {"prompt": own.prompt}
    return {**about, "seed": own.seed, **prompt}


def timings(outcome: Outcome) -> dict[str, float]:
    """Where a job's time went, in seconds: the backend's own parts, the line, and all of it."""
    times = outcome.timings
    return {
        "queue": times.queue,
        "load": times.load,
        "encode": times.encode,
        "denoise": times.denoise,
        "decode": times.decode,
        "transfer": outcome.transfer,
        "total": outcome.total,
    }


def _numbers(rectangle: Rectangle) -> list[int]:
    return [rectangle.x, rectangle.y, rectangle.width, rectangle.height]
