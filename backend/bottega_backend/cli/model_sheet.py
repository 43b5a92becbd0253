"""What is told of a model: a table for people, plain values for programs."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table

from bottega_backend.shelf.catalog import Model
from bottega_protocol.offers import ModelOffer

NOT_STATED = "not stated"


def headed(model: ModelOffer | Model) -> str:
    """A model's id and name, as a console's markup: either may hold brackets of its own."""
    return f"[bold]{escape(model.id)}[/bold]  {escape(model.name)}"


def described(model: ModelOffer | Model) -> Table:
    """A model's properties, one to a row."""
    table = Table.grid("", "", padding=(0, 2))
    for name, value in rows(model).items():
        table.add_row(name, escape(value))
    return table


def rows(model: ModelOffer | Model) -> dict[str, str]:
    """What people want to know of a model, by what it is called."""
    kind = f", {model.kind}" if model.kind else ""
    told = {
        "can": ", ".join(model.capabilities),
        "family": f"{model.family}{kind}, {model.native.width} x {model.native.height} pixels",
        "by default": f"{model.sampler}, {model.steps} steps, guidance {model.guidance:g}",
        "licence": model.licence or NOT_STATED,
        "note": model.note,
    }
    if isinstance(model, Model):
        told |= {"where": str(model.folder), "size": f"{size_of(model.folder) / 1e9:.2f} GB"}
    return {name: value for name, value in told.items() if value}


def plain(model: Model) -> dict[str, Any]:
    """A model as JSON has it."""
    return dataclasses.asdict(model) | {
        "folder": str(model.folder),
        "bytes": size_of(model.folder),
    }


def size_of(path: Path) -> int:
    """Bytes of a file, or of everything in a folder."""
    if path.is_file():
        return path.stat().st_size
    return sum(each.stat().st_size for each in path.rglob("*") if each.is_file())
