"""`bottega plugin`: build, install or remove the plug-ins for Krita and GIMP."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from .krita_settings import switch_off, switch_on
from .plugin_build import build, pack, remove
from .plugin_places import forget, places


class EditorName(str, Enum):
    """The editors that there are plug-ins for."""

    KRITA = "krita"
    GIMP = "gimp"


TICK = (
    "Start Krita, tick Bottega in Settings > Configure Krita > Python Plugin Manager, and start "
    "it again. The docker is under Settings > Dockers > Bottega."
)
READY = "Start Krita; the docker is under Settings > Dockers > Bottega."
NEXT: dict[str, Callable[[], str]] = {
    "krita": lambda: READY if switch_on() else TICK,
    "gimp": lambda: "Restart GIMP; then Filters > Bottega > Fill selection...",
}
"""What is left to do by hand."""

Which = Annotated[EditorName, typer.Argument(help="Which editor's plug-in.")]
Out = Annotated[Path, typer.Option(help="The folder to build into.")]

command = typer.Typer(no_args_is_help=True)


@command.command("build")
def build_command(editor: Which, out: Out = Path("dist")) -> None:
    """Build the plug-in as a folder and a zip."""
    folder = out / editor.value
    build(editor.value, folder)
    archive = pack(folder, out / f"bottega-{editor.value}.zip")
    typer.echo(f"{folder}\n{archive}")


@command.command()
def install(editor: Which) -> None:
    """Build the plug-in into the folder where the editor looks for it."""
    for place in places(editor.value):
        typer.echo(f"installed {build(editor.value, place)}")
    typer.echo(NEXT[editor.value]())


@command.command()
def uninstall(editor: Which) -> None:
    """Remove the plug-in from the editor's folder."""
    removed = [place for place in places(editor.value) if remove(editor.value, place)]
    for place in removed:
        typer.echo(f"removed from {place}")
        forget(place)
    if editor is EditorName.KRITA:
        switch_off()
    if not removed:
        typer.echo("It is not installed.")
