"""`bottega restore`: make a data folder from a backup."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from bottega_backend.store.backup import restore
from bottega_backend.store.lock import own_folder
from bottega_client.launch import data_folder

from .options import Data

Source = Annotated[Path, typer.Argument(help="What `bottega backup` has made.")]


def command(source: Source, *, data: Data = None) -> None:
    """Make a new or empty data folder what the backup holds; every picture is checked."""
    os.umask(0o077)
    folder = data or data_folder()
    with own_folder(folder):
        done = restore(source, folder)
    typer.echo(f"{folder}: {done.blobs} blobs ({done.bytes / 1e9:.2f} GB), {done.files} files.")
