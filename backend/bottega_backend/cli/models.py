"""`bottega models`: which models there are, and how further ones come to be there."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.padding import Padding

from bottega_backend.shelf.catalog import Catalog, Model, Unknown, describe_model
from bottega_backend.shelf.places import look, read_places, write_places

from .connection import Where, connected
from .exits import Mistake
from .get import get
from .model_sheet import described, headed, plain
from .options import Data, Device, Json, Models, Server, models_folder
from .verify import verify

Name = Annotated[str, typer.Argument(help="A model's id (see `bottega models list`), or a path.")]
Place = Annotated[Path, typer.Argument(help="A model, or a folder with models; used in place.")]

AGAIN = "A server that runs already sees it when it is started again."
MOST_SHOWN = 10

command = typer.Typer(no_args_is_help=True)
command.command("verify")(verify)
command.command("get")(get)


@command.callback()
def models_command() -> None:
    """See, add, get and try out models."""


@command.command("list")
def list_models(
    *,
    server: Server = None,
    data: Data = None,
    models: Models = None,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """List the models that can be asked for."""
    with connected(Where(server, data, models, device)) as client:
        offers = client.offers()
    if as_json:
        typer.echo(json.dumps([dataclasses.asdict(model) for model in offers.models]))
        return
    console = Console()
    for model in offers.models:
        console.print(headed(model))
        console.print(Padding(described(model), (0, 0, 1, 4)))
    console.print(f"Samplers: {', '.join(offers.samplers)}")


@command.command("info")
def info(name: Name, *, data: Data = None, models: Models = None, as_json: Json = False) -> None:
    """Say what a model is, or what keeps it from being one, without a server."""
    folder = models_folder(models, Where(data=data).folder)
    model = _find(name, folder)
    if as_json:
        typer.echo(json.dumps(plain(model)))
        return
    console = Console()
    console.print(headed(model))
    console.print(described(model))


@command.command("add")
def add(place: Place, *, data: Data = None, models: Models = None) -> None:
    """Use models where they lie, such as those of a webui; nothing is copied."""
    folder = models_folder(models, Where(data=data).folder)
    usable, unusable = _tried(place)
    if not usable:
        why = "\n".join(unusable[:MOST_SHOWN]) or "It holds no models."
        raise Mistake(f"{place} can't be used:\n{why}", "Name a model or a folder with models.")
    there = read_places(folder) if folder.is_dir() else ()
    absolute = place.absolute()
    if absolute not in there:
        write_places(folder, (*there, absolute))
    for name in usable:
        typer.echo(f"can be used: {name}")
    for why in unusable[:MOST_SHOWN]:
        typer.echo(f"left out: {why}")
    typer.echo(AGAIN)


@command.command("remove")
def remove(place: Place, *, data: Data = None, models: Models = None) -> None:
    """Forget a place that was added; the models in it stay as they are."""
    folder = models_folder(models, Where(data=data).folder)
    there = read_places(folder) if folder.is_dir() else ()
    absolute = place.absolute()
    if absolute not in there:
        known = "\n".join(map(str, there)) or "none"
        raise Mistake(f"{absolute} was not added.", f"Places that were:\n{known}")
    write_places(folder, tuple(each for each in there if each != absolute))
    typer.echo(f"{absolute} is not looked into any more. {AGAIN}")


def _tried(place: Path) -> tuple[list[str], list[str]]:
    """What in a place can be used, and what can't and why."""
    try:
        entries = look(place)
    except OSError as error:
        raise Mistake(f"{place} can't be read: {error.strerror}.", "Look at the name.") from error
    found = [describe_model(entry.path, entry.name) for entry in entries]
    usable = [f"{each.id} ({each.family})" for each in found if isinstance(each, Model)]
    return usable, [f"{each.name} {each.why}" for each in found if isinstance(each, Unknown)]


def _find(name: str, folder: Path) -> Model:
    """The model of an id or at a path; raises Mistake with what is wrong with it."""
    catalog = Catalog(folder if folder.is_dir() else None)
    why = {unknown.name: unknown.why for unknown in catalog.unknown}
    if name in why:
        raise Mistake(f"{name} {why[name]}", "Mend it, or leave it out of the models folder.")
    # An id first: a folder that happens to lie here may have the same name.
    path = Path(name)
    if name not in {model.id for model in catalog.models} and path.exists():
        return _at(path)
    return catalog.find(name)


def _at(path: Path) -> Model:
    """What lies at a path, as the catalog would list it."""
    model = describe_model(path.resolve(), path.resolve().name)
    if isinstance(model, Model):
        return model
    raise Mistake(f"{model.name} {model.why}", "Name a model in safetensors, file or folder.")
