"""`bottega models`: which models the server has."""

from __future__ import annotations

import dataclasses
import json

import typer
from rich.console import Console
from rich.table import Table

from .connection import Where, connected
from .options import Data, Device, Json, Models, Server

command = typer.Typer(no_args_is_help=True)


@command.callback()
def models_command() -> None:
    """See which models there are."""


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
    table = Table("id", "name", "family", "pixels", "can", "licence", "note")
    for model in offers.models:
        pixels, can = f"{model.native.width} x {model.native.height}", ", ".join(model.capabilities)
        table.add_row(model.id, model.name, model.family, pixels, can, model.licence, model.note)
    console = Console()
    console.print(table)
    console.print(f"Samplers: {', '.join(offers.samplers)}")
