"""`bottega serve`: start the server and say where it listens."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bottega_backend.server.app import PORT, ServerConfig, serve
from bottega_backend.server.exposure import INSECURE
from bottega_backend.server.logs import Logging
from bottega_client.launch import data_folder

from .options import Data, Device, Models, models_folder

Host = Annotated[
    str, typer.Option(help="The address to listen on; 0.0.0.0 for other machines too, encrypted.")
]
Port = Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes any free one.")]
CertificateFile = Annotated[
    Path | None,
    typer.Option(help="A real certificate with its chain (PEM), in place of the server's own."),
]
KeyFile = Annotated[Path | None, typer.Option(help="Its key (PEM), where it lies apart.")]
Insecure = Annotated[
    bool,
    typer.Option(
        INSECURE,
        help="Serve other machines without encryption: whoever is on the network sees and may "
        "change every picture.",
    ),
]
LogJson = Annotated[bool, typer.Option("--log-json", help="Log a line of JSON each.")]
LogPrompts = Annotated[
    bool, typer.Option("--log-prompts", help="Log artists' prompts too; they are private.")
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Log warnings only.")]


def command(  # noqa: PLR0913  # one parameter per option
    *,
    host: Host = "127.0.0.1",
    port: Port = PORT,
    data: Data = None,
    models: Models = None,
    device: Device = "auto",
    certificate: CertificateFile = None,
    key: KeyFile = None,
    insecure: Insecure = False,
    quiet: Quiet = False,
    log_json: LogJson = False,
    log_prompts: LogPrompts = False,
) -> None:
    """Start the server; Ctrl+C ends it."""
    folder = data or data_folder()
    found = models_folder(models, folder)
    # A folder that was named and is not there is told of; the data folder's own need not exist.
    used = found if models or found.is_dir() else None
    config = ServerConfig(
        host,
        port,
        folder,
        used,
        device,
        certificate=certificate,
        key=key,
        insecure=insecure,
        log=Logging(log_json, quiet, log_prompts),
    )
    raise typer.Exit(serve(config, announce))


def announce(url: str) -> None:
    """Say that the server is ready, at once, for programs that wait for this line."""
    typer.echo(f"listening on {url}")
