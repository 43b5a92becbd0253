"""`bottega models get`: fetch a model from a hub, once its licence was agreed to."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from bottega_backend.shelf.catalog import Unknown, describe_model

from .connection import Where
from .exits import Mistake
from .options import Data, Models, models_folder

if TYPE_CHECKING:
    from bottega_backend.models.download import Found

Repo = Annotated[str, typer.Argument(help="owner/name of a repository on the hub.")]
File = Annotated[
    str, typer.Argument(help="One safetensors file of it; without it a diffusers folder.")
]
Revision = Annotated[str, typer.Option(help="A branch, a tag or a commit.")]
Hub = Annotated[str, typer.Option(envvar="HF_ENDPOINT", help="Another hub's address.")]
Yes = Annotated[bool, typer.Option("--yes", help="You have read the licence and agree to it.")]


def get(  # noqa: PLR0913  # one parameter per option
    repo: Repo,
    file: File = "",
    *,
    revision: Revision = "main",
    hub: Hub = "",
    yes: Yes = False,
    data: Data = None,
    models: Models = None,
) -> None:
    """Fetch a model and check its sums; what a cut leaves is taken up again."""
    from bottega_backend.models.download import (  # noqa: PLC0415  # takes half a second
        Wanted,
        download,
        look_up,
    )

    folder = models_folder(models, Where(data=data).folder)
    found = look_up(Wanted(repo, file, revision, hub.rstrip("/")))
    _tell(found)
    _check_room(found, folder)
    _agree(found, yes=yes)
    with _shown(found) as tell:
        path = download(found, folder, tell)
    typer.echo(str(path))
    model = describe_model(path, path.relative_to(folder).as_posix())
    if isinstance(model, Unknown):
        raise Mistake(f"It is there, but can't be used yet: it {model.why}", f"It is {path}.")
    typer.echo(f"{model.family}. Start the server again, then: bottega models verify {model.id}")


def _tell(found: Found) -> None:
    typer.echo(f"{found.wanted.repo}, commit {found.commit[:12]}: {found.page}")
    typer.echo(f"licence: {found.licence or 'not stated: look at its page'}")
    if found.gated:
        typer.echo("It is given only to people who accepted its terms on its page.")
    typer.echo(f"{len(found.files)} files, {found.size / 1e9:.2f} GB")


def _check_room(found: Found, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(folder).free
    if free < found.size:
        raise Mistake(
            f"{folder} has {free / 1e9:.2f} GB left, the model needs {found.size / 1e9:.2f} GB.",
            "Make room, or name another folder with --models.",
        )


def _agree(found: Found, *, yes: bool) -> None:
    """Go on only with somebody who agreed."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise Mistake("Nobody agreed to the licence.", f"Read it at {found.page}, then say --yes.")
    if not typer.confirm("Have you read the licence, and do you agree to it?"):
        raise typer.Exit(1)


@contextmanager
def _shown(found: Found) -> Iterator[Callable[[int], None]]:
    """A bar on standard error; yields what is told of the bytes that arrive."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        task = bars.add_task(found.name, total=found.size)
        yield lambda count: bars.advance(task, count)
