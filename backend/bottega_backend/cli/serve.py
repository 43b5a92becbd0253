"""`bottega serve`: start the server and say where it listens."""

from __future__ import annotations

import logging
from typing import Annotated

import typer

from bottega_backend.server.app import PORT, ServerConfig, serve
from bottega_client.launch import data_folder

from .options import Data, Device, Models, models_folder

Host = Annotated[str, typer.Option(help="The address to listen on.")]
Port = Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes any free one.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Log warnings only.")]


def command(  # one parameter per option
    *,
    host: Host = "127.0.0.1",
    port: Port = PORT,
    data: Data = None,
    models: Models = None,
    device: Device = "auto",
    quiet: Quiet = False,
) -> None:
    """Start the server; Ctrl+C ends it."""
    logging.basicConfig(
        level=logging.WARNING if quiet else logging.INFO,
        format="%(asctime)s %(levelname)s %(message)s",
    )
    folder = data or data_folder()
    found = models_folder(models, folder)
    # A folder that was named and is not there is told of; the data folder's own need not exist.
    used = found if models or found.is_dir() else None
    config = ServerConfig(host, port, folder, used, device)
    raise typer.Exit(serve(config, announce))


def announce(url: str) -> None:
    """Say that the server is ready, at once, for programs that wait for this line."""
    typer.echo(f"listening on {url}")
