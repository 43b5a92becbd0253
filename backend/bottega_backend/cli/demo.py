"""`bottega demo`: the whole path once, on two pictures, with a sheet to look at."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bottega_client.actions import Wish
from bottega_client.client import Client

from .connection import Where, connected
from .job import Asked, Painted, paint, timings, write_layers
from .options import Data, Device, Models, Server
from .pictures import PictureEditor
from .png_files import PngPicture, write_png
from .sheet import Row, draw
from .subjects import Subject, asking, own_picture, own_world, photograph

OwnImage = Annotated[Path | None, typer.Option(help="A picture of your own for the photograph's.")]
OwnPrompt = Annotated[str | None, typer.Option(help="What to paint in the second picture.")]
Out = Annotated[Path, typer.Option(help="The folder for what is painted.")]

NEXT = """
In the editors:
  {bottega} serve
      keeps a server running for both
  {bottega} plugin install krita
      then start Krita: Settings > Dockers > Bottega
  {bottega} plugin install gimp
      then start GIMP: Filters > Bottega > Fill selection...
"""


@dataclass(frozen=True)
class Shown:
    """What the demonstration painted on one subject, and the files that it wrote."""

    subject: Subject
    row: Row
    painted: Painted
    files: tuple[Path, ...]


def command(  # noqa: PLR0913  # one parameter per option
    *,
    image: OwnImage = None,
    prompt: OwnPrompt = None,
    out: Out = Path("demo"),
    server: Server = None,
    data: Data = None,
    models: Models = None,
    device: Device = "auto",
) -> None:
    """Paint a feathered ellipse on two pictures, exactly as a plug-in asks for it."""
    second = own_picture(image) if image else photograph()
    subjects = (own_world(), asking(second, prompt))
    out.mkdir(parents=True, exist_ok=True)
    with connected(Where(server, data, models, device)) as client:
        notes = {model.name: model.note for model in client.offers().models}
        shown = [_show(subject, client, out) for subject in subjects]
    sheet = out / "sheet.png"
    write_png(sheet, PngPicture(draw([each.row for each in shown])))
    _tell(shown, sheet, notes)


def _show(subject: Subject, client: Client, out: Path) -> Shown:
    mask = subject.mask()
    editor = PictureEditor(subject.picture.samples, mask)
    wish = Wish(prompt=subject.prompt, seed=subject.seed)
    painted = paint(editor, client, Asked("fill", wish, subject.title))
    chunks = subject.picture.chunks
    layers = write_layers(editor, chunks, out / f"{subject.name}-layer.png")
    after = editor.composite()
    composite = out / f"{subject.name}-composite.png"
    write_png(composite, PngPicture(after, chunks))
    recipe = painted.outcome.result.recipe
    detail = (
        f"{recipe.model_name}, {recipe.sampler}, {recipe.steps} steps, "
        f"guidance {recipe.guidance:g}, "
        f"seed {recipe.seed}, painted at {recipe.painted.width} x {recipe.painted.height}"
    )
    row = Row(
        subject.picture.samples, mask, after, f'"{subject.prompt}" in {subject.title}', detail
    )
    return Shown(subject, row, painted, (*layers, composite))


def _tell(shown: list[Shown], sheet: Path, notes: dict[str, str]) -> None:
    """Where the files are, where the time went, and what to do next."""
    console = Console(soft_wrap=True, highlight=False)
    for each in shown:
        console.print(f"{each.subject.title}: {', '.join(map(str, each.files))}")
    console.print(f"[bold]before, selection, after: {sheet.resolve()}[/bold]")
    for name in dict.fromkeys(each.painted.outcome.result.recipe.model_name for each in shown):
        console.print(f"{name}: {notes.get(name, '')}")
    table = Table("seconds", *(each.subject.name for each in shown))
    times = [timings(each.painted.outcome) for each in shown]
    for name in times[0]:
        table.add_row(name, *(f"{each[name]:.2f}" for each in times))
    table.add_section()
    table.add_row("MB sent", *(f"{each.painted.sent / 1e6:.2f}" for each in shown))
    table.add_row("MB received", *(f"{each.painted.received / 1e6:.2f}" for each in shown))
    console.print(table)
    console.print(NEXT.strip().format(bottega=_typed()))


def _typed() -> str:
    """What this command is called where it was typed: without its folder if that is on the PATH."""
    called = Path(sys.argv[0])
    own = shutil.which("bottega")
    if called.name != "bottega" or (own and Path(own).resolve() == called.resolve()):
        return "bottega"
    return str(called)
