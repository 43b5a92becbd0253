"""`bottega run`: one job on files, sent as an editor's plug-in sends it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from bottega_client.client import Client
from bottega_client.wishes import Wish
from bottega_protocol.regions import Size

from .asked import (
    ClipSkip,
    Composite,
    Count,
    Feather,
    Grow,
    Guidance,
    Height,
    ImageFile,
    Intent,
    MaskFile,
    MaybeImage,
    MaybeMask,
    Model,
    Negative,
    Out,
    Prompt,
    Quality,
    Sampler,
    Seed,
    Steps,
    Strength,
    Width,
)
from .connection import Where, connected
from .exits import Mistake
from .job import Asked, paint, summary, write_composites, write_layers
from .options import Data, Device, Json, Models, Server
from .pictures import PictureEditor, empty_canvas, open_picture
from .png_files import Chunks, check_writable

LAYER = Path("layer.png")

Open = Callable[[Client], tuple[PictureEditor, Chunks]]

command = typer.Typer(no_args_is_help=True)


@dataclass(frozen=True)
class Into:
    """Where what is painted goes."""

    out: Path
    composite: Path | None
    as_json: bool


@command.callback()
def run() -> None:
    """Run one job on files."""


@command.command("generate")
def generate(  # noqa: PLR0913  # one parameter per option
    *,
    width: Width = None,
    height: Height = None,
    image: MaybeImage = None,
    mask: MaybeMask = None,
    prompt: Prompt = "",
    negative: Negative = "",
    seed: Seed = None,
    count: Count = 1,
    quality: Quality = "good",
    steps: Steps = 0,
    guidance: Guidance = 0.0,
    sampler: Sampler = "",
    clip_skip: ClipSkip = 0,
    model: Model = "",
    server: Server = None,
    data: Data = None,
    models: Models = None,
    device: Device = "auto",
    out: Out = LAYER,
    composite: Composite = None,
    as_json: Json = False,
) -> None:
    """Paint a new picture from words: on a canvas of its own, or over an image."""
    wish = Wish(
        *(prompt, negative, model, sampler, seed, steps, guidance),
        clip_skip=clip_skip,
        quality=quality,
        count=count,
    )
    _check_size_or_image((width, height), image, mask)

    def opened(client: Client) -> tuple[PictureEditor, Chunks]:
        if image is None:
            native = _native(client, model)
            return empty_canvas(Size(width or native.width, height or native.height)), ()
        return open_picture(image, mask)

    asked = Asked("generate", wish, image.name if image else "a new picture")
    _do(asked, opened, Where(server, data, models, device), Into(out, composite, as_json))


@command.command("fill")
def fill(  # noqa: PLR0913  # one parameter per option
    *,
    image: ImageFile,
    mask: MaskFile,
    prompt: Prompt = "",
    negative: Negative = "",
    seed: Seed = None,
    count: Count = 1,
    quality: Quality = "good",
    steps: Steps = 0,
    guidance: Guidance = 0.0,
    strength: Strength = 1.0,
    intent: Intent = "fill",
    feather: Feather = None,
    grow: Grow = 0,
    sampler: Sampler = "",
    clip_skip: ClipSkip = 0,
    model: Model = "",
    server: Server = None,
    data: Data = None,
    models: Models = None,
    device: Device = "auto",
    out: Out = LAYER,
    composite: Composite = None,
    as_json: Json = False,
) -> None:
    """Paint the white part of a mask anew and write it as a layer."""
    wish = Wish(
        *(prompt, negative, model, sampler, seed, steps, guidance, strength),
        clip_skip=clip_skip,
        quality=quality,
        count=count,
        intent=intent,
        feather=feather,
        grow=grow,
    )
    asked, place = Asked("fill", wish, image.name), Where(server, data, models, device)
    opened = open_picture(image, mask)
    _do(asked, lambda _: opened, place, Into(out, composite, as_json))


@command.command("refine")
def refine(  # noqa: PLR0913  # one parameter per option
    *,
    image: ImageFile,
    mask: MaybeMask = None,
    prompt: Prompt = "",
    negative: Negative = "",
    seed: Seed = None,
    count: Count = 1,
    quality: Quality = "good",
    steps: Steps = 0,
    guidance: Guidance = 0.0,
    strength: Strength = 0.5,
    feather: Feather = None,
    grow: Grow = 0,
    sampler: Sampler = "",
    clip_skip: ClipSkip = 0,
    model: Model = "",
    server: Server = None,
    data: Data = None,
    models: Models = None,
    device: Device = "auto",
    out: Out = LAYER,
    composite: Composite = None,
    as_json: Json = False,
) -> None:
    """Paint over a picture, or the white part of a mask, as far as the strength allows."""
    wish = Wish(
        *(prompt, negative, model, sampler, seed, steps, guidance, strength),
        clip_skip=clip_skip,
        quality=quality,
        count=count,
        feather=feather,
        grow=grow,
    )
    asked, place = Asked("refine", wish, image.name), Where(server, data, models, device)
    opened = open_picture(image, mask)
    _do(asked, lambda _: opened, place, Into(out, composite, as_json))


def _check_size_or_image(
    size: tuple[int | None, int | None], image: Path | None, mask: Path | None
) -> None:
    if image is not None and size != (None, None):
        raise Mistake("An image has its own size.", "Leave out --width and --height, or --image.")
    if image is None and mask is not None:
        raise Mistake("A mask belongs to an image.", "Give the picture with --image.")


def _native(client: Client, model: str) -> Size:
    """The size that a model paints best; that of the default one for a name that is not there."""
    offers = client.offers()
    offered = next(each.model for each in offers.capabilities if each.name == "generate")
    known = {each.id: each.native for each in offers.models}
    return known.get(model) or known[offered]


def _do(asked: Asked, opened: Open, where: Where, into: Into) -> None:
    """Look whether the files can be written, paint, write them, say what was done."""
    for file in (into.out, into.composite):
        if file is not None:
            check_writable(file)
    with connected(where) as client:
        editor, chunks = opened(client)
        done = paint(editor, client, asked)
    files = write_layers(editor, chunks, into.out)
    composites = write_composites(editor, chunks, into.composite) if into.composite else []
    report = summary(editor, done, files)
    typer.echo(json.dumps(report) if into.as_json else _sentences(report, composites))


def _sentences(report: dict[str, Any], composites: list[Path]) -> str:
    lines = [
        f"{layer['file']}: {layer['width']} x {layer['height']} at {layer['x']}, {layer['y']}, "
        f"seed {layer['seed']}"
        for layer in report["layers"]
    ]
    lines += [str(file) for file in composites]
    lines += report["hints"]
    times = ", ".join(f"{name} {seconds:.2f}" for name, seconds in report["timings"].items())
    painted = "{} x {}".format(*report["painted"])
    how = f"{report['model']}, {report['sampler']}, {report['steps']} steps, painted at {painted}"
    return "\n".join([*lines, how, f"s: {times}"])
