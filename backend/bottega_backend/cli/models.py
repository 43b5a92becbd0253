"""`bottega models`: which models the server has."""

from __future__ import annotations

import dataclasses
import json

import typer
from rich.console import Console
from rich.padding import Padding
from rich.table import Table

from bottega_protocol.offers import ModelOffer

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
    console = Console()
    for model in offers.models:
        console.print(f"[bold]{model.id}[/bold]  {model.name}")
        console.print(Padding(_described(model), (0, 0, 1, 4)))
    console.print(f"Samplers: {', '.join(offers.samplers)}")


def _described(model: ModelOffer) -> Table:
    pixels = f"{model.native.width} x {model.native.height} pixels"
    table = Table.grid("", "", padding=(0, 2))
    table.add_row("can", ", ".join(model.capabilities))
    table.add_row("family", f"{model.family}, {pixels}")
    table.add_row("licence", model.licence or "not stated")
    if model.note:
        table.add_row("note", model.note)
    return table
