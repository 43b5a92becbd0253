"""`bottega drain`: let the server finish what it paints, and end."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from bottega_backend.server.drain import DRAIN_FILE
from bottega_backend.store.lock import is_served
from bottega_client.launch import data_folder

from .options import Data

LOOK_SECONDS = 0.3
NOT_DONE = 1

Seconds = Annotated[
    float, typer.Option(min=0, help="How long to wait for the end; the server goes on after that.")
]


def command(*, data: Data = None, seconds: Seconds = 600.0) -> None:
    """Let the server finish what it paints, start nothing new, and end.

    Jobs that wait are kept: the next server paints them.
    """
    folder = data or data_folder()
    if not is_served(folder):
        typer.echo("No server runs on this data folder.")
        return
    word = folder / DRAIN_FILE
    word.touch(mode=0o600)
    end = time.monotonic() + seconds
    # The server takes its word back when it is done; one that was killed does not.
    while word.exists() and is_served(folder):
        if time.monotonic() > end:
            typer.echo("The server still paints. It ends as soon as it is done.", err=True)
            raise typer.Exit(NOT_DONE)
        time.sleep(LOOK_SECONDS)
    word.unlink(missing_ok=True)
    typer.echo("The server has ended. What waited is painted by the next one.")
