"""`bottega plugin`: build, install or remove the plug-ins for Krita and GIMP."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from .krita_settings import clear, has_ours, switch_on
from .plugin_build import build, pack, remove
from .plugin_places import Home, forget, homes, homes_to_use
from .running import runs


class EditorName(str, Enum):
    """The editors that there are plug-ins for."""

    KRITA = "krita"
    GIMP = "gimp"


NEXT = {
    "krita": "Start Krita; the docker is under Settings > Dockers > Bottega.",
    "gimp": "Restart GIMP; then Filters > Bottega > Bottega window.",
}
"""What is left to do by hand."""

TICK = "tick Bottega in Settings > Configure Krita > Python Plugin Manager, and start Krita again"

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
    """Build the plug-in into every place where an installed editor looks for it."""
    for home in homes_to_use(editor.value):
        typer.echo(f"installed {build(editor.value, home.plugins)} ({home.kind})")
        if home.settings is not None:
            typer.echo(_switched_on(home.settings))
    typer.echo(NEXT[editor.value])


@command.command()
def uninstall(editor: Which) -> None:
    """Remove the plug-in from every place, and what it has kept."""
    every = homes(editor.value)
    removed = [home for home in every if remove(editor.value, home.plugins)]
    for home in removed:
        typer.echo(f"removed from {home.plugins} ({home.kind})")
        forget(home)
    cleared = [line for home in every for line in _cleared(home)]
    for line in cleared:
        typer.echo(line)
    if not (removed or cleared):
        typer.echo("It is not installed.")


def _switched_on(settings: Path) -> str:
    """Switch the plug-in on in Krita's settings, and say so; or say what to do."""
    if runs("krita"):
        return f"Krita is running, and would overwrite {settings}: {TICK}."
    if switch_on(settings):
        return f"switched on in {settings}"
    return f"An administrator has locked {settings}: ask there to tick Bottega."


def _cleared(home: Home) -> list[str]:
    """Remove what is ours from Krita's settings, and say so."""
    if home.settings is None:
        return []
    if runs("krita") and has_ours(home.settings):
        return [f"Krita is running: close it and say this again, to clear {home.settings} too."]
    return [f"cleared {file}" for file in clear(home.settings)]
