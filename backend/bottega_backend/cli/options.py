"""Options that several commands share, each written once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer


def _known_device(name: str) -> str:
    if not re.fullmatch(r"auto|cpu|cuda(:\d+)?", name):
        raise typer.BadParameter(f"{name} is none of auto, cpu, cuda, cuda:1.")
    return name


Data = Annotated[
    Path | None,
    typer.Option(envvar="BOTTEGA_DATA", help="The folder with jobs, results and the token."),
]
Models = Annotated[
    Path | None,
    typer.Option(help="The folder with further models; else models in the data folder."),
]
Device = Annotated[str, typer.Option(callback=_known_device, help="auto, cpu, cuda or cuda:1.")]
Server = Annotated[
    str | None,
    typer.Option(help="ws://host:port of a running server; without it one is found or started."),
]
Json = Annotated[bool, typer.Option("--json", help="One line of JSON, nothing else.")]

MODELS = "models"


def models_folder(models: Path | None, data: Path) -> Path:
    """Where further models lie: the folder that was named, or the data folder's own."""
    return models or data / MODELS
