"""`bottega run`: one job on files, sent as an editor's plug-in sends it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from bottega_client.actions import MOST_SEED, Outcome, Wish, fill
from bottega_client.client import Client

from .connection import Where, connected
from .options import Data, Device, Json, Models, Server
from .pictures import PictureEditor, open_picture
from .png_files import PngPicture, check_writable, numbered, write_png
from .progress import shown, stop_on_interrupt

ImageFile = Annotated[Path, typer.Option(help="The picture: a PNG of 8 or 16 bit.")]
MaskFile = Annotated[Path, typer.Option(help="Where to paint: a grey 8-bit PNG, white = paint.")]
Prompt = Annotated[str, typer.Option(help="What to paint there.")]
Negative = Annotated[str, typer.Option(help="What not to paint.")]
Seed = Annotated[int | None, typer.Option(min=0, max=MOST_SEED, help="The noise; else random.")]
Steps = Annotated[int, typer.Option(min=0, max=150, help="0 = the model's default.")]
Guidance = Annotated[float, typer.Option(min=0, max=50, help="0 = the model's default.")]
Strength = Annotated[
    float,
    typer.Option(
        min=0,
        max=1,
        help="0 keeps, 1 paints from noise: of N steps the last round(N x strength) run, "
        "never fewer than the sampler needs.",
    ),
]
Sampler = Annotated[str, typer.Option(help="Such as 'Euler a'; empty = the model's default.")]
ClipSkip = Annotated[int, typer.Option(min=0, max=12, help="2 = last layer but one; 0 = default.")]
Model = Annotated[str, typer.Option(help="See `bottega models list`; empty = the default.")]
Out = Annotated[Path, typer.Option(help="The layer: RGBA, its mask as alpha.")]
Composite = Annotated[Path | None, typer.Option(help="The picture with the layer over it.")]

command = typer.Typer(no_args_is_help=True)


@command.callback()
def run() -> None:
    """Run one job on files."""


@command.command("fill")
def fill_command(  # noqa: PLR0913  # one parameter per option
    *,
    image: ImageFile,
    mask: MaskFile,
    prompt: Prompt = "",
    negative: Negative = "",
    seed: Seed = None,
    steps: Steps = 0,
    guidance: Guidance = 0.0,
    strength: Strength = 1.0,
    sampler: Sampler = "",
    clip_skip: ClipSkip = 0,
    model: Model = "",
    server: Server = None,
    data: Data = None,
    models: Models = None,
    device: Device = "auto",
    out: Out = Path("layer.png"),
    composite: Composite = None,
    as_json: Json = False,
) -> None:
    """Paint the white part of a mask anew and write it as a layer."""
    wish = Wish(
        prompt, negative, model, sampler, seed, steps, guidance, strength, clip_skip=clip_skip
    )
    editor, picture = open_picture(image, mask)
    for file in (out, composite) if composite is not None else (out,):
        check_writable(file)
    with connected(Where(server, data, models, device)) as client:
        done = paint(editor, client, wish, title=image.name)
    files = write_layers(editor, picture, out)
    if composite is not None:
        write_png(composite, PngPicture(editor.composite(), picture.chunks))
    report = summary(editor, done, files)
    typer.echo(json.dumps(report) if as_json else _sentences(report, composite))


@dataclass(frozen=True)
class Painted:
    """A job that is done: its outcome and the bytes that went over the line for it."""

    outcome: Outcome
    sent: int
    received: int


def paint(editor: PictureEditor, client: Client, wish: Wish, title: str) -> Painted:
    """Do one job while a bar shows how far it is; Ctrl+C cancels it and raises Stopped."""
    before = client.traffic
    with stop_on_interrupt() as stop, shown(title) as tell:
        outcome = fill(editor, client, wish, tell, stop)
    sent, received = client.traffic
    return Painted(outcome, sent - before[0], received - before[1])


def write_layers(editor: PictureEditor, picture: PngPicture, out: Path) -> list[Path]:
    """One file per layer: the first is `out`, the next have a number before the ending."""
    # A grey picture's colour profile would be wrong for a layer in RGB.
    chunks = picture.chunks if picture.samples.shape[2] > 2 else ()
    files = []
    for index, samples in enumerate(editor.layer_pictures()):
        file = numbered(out, index)
        write_png(file, PngPicture(samples, chunks))
        files.append(file)
    return files


def summary(editor: PictureEditor, done: Painted, files: list[Path]) -> dict[str, Any]:
    """What `--json` says of a job; times in seconds."""
    recipe, outcome = done.outcome.result.recipe, done.outcome
    rectangle = editor.rectangle
    places = [placed.layer.rectangle for placed in editor.layers]
    return {
        "job": outcome.job.hex(),
        "prompt": recipe.prompt,
        "seed": recipe.seed,
        "model": recipe.model,
        "sampler": recipe.sampler,
        "read": [rectangle.x, rectangle.y, rectangle.width, rectangle.height] if rectangle else [],
        "layers": [
            {"file": str(file), "x": at.x, "y": at.y, "width": at.width, "height": at.height}
            for file, at in zip(files, places, strict=True)
        ],
        "sent_bytes": done.sent,
        "received_bytes": done.received,
        "timings": timings(outcome),
    }


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


def _sentences(report: dict[str, Any], composite: Path | None) -> str:
    lines = [
        f"{layer['file']}: {layer['width']} x {layer['height']} at {layer['x']}, {layer['y']}"
        for layer in report["layers"]
    ]
    lines += [f"{composite}"] if composite else []
    times = ", ".join(f"{name} {seconds:.2f}" for name, seconds in report["timings"].items())
    return "\n".join(
        [*lines, f"{report['model']}, {report['sampler']}, seed {report['seed']}", f"s: {times}"]
    )
