"""`bottega backup`: copy the data folder, also while the server runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from bottega_backend.store.backup import back_up
from bottega_client.launch import data_folder

from .options import Data

Target = Annotated[Path, typer.Argument(help="A new folder, or an older backup to renew.")]
WithModels = Annotated[bool, typer.Option("--models", help="The models folder too; it is large.")]


def command(target: Target, *, data: Data = None, models: WithModels = False) -> None:
    """Copy jobs, results, artists and settings to TARGET; the server may go on meanwhile.

    The copy holds the tokens and pictures of everybody: keep it as private as the data folder.
    """
    os.umask(0o077)
    done = back_up(data or data_folder(), target, models=models)
    told = f"{done.databases} databases, {done.files} files, {done.blobs} blobs"
    typer.echo(f"{target}: {told} ({done.bytes / 1e9:.2f} GB, {done.copied} of them new).")
