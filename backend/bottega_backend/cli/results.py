"""`bottega results`: what the server keeps of finished jobs, and its layers as files."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from bottega_client.actions import fetch_layers
from bottega_client.client import Client
from bottega_protocol.jobs import FINISHED
from bottega_protocol.messages import Finished, JobSummary

from .connection import Where, connected
from .exits import Mistake
from .layers import masked_layer
from .options import Data, Json, Server
from .png_files import PngPicture, check_writable, numbered, write_png

Job = Annotated[str, typer.Argument(help="A job's id or how it begins; without it the latest.")]
Search = Annotated[str, typer.Option(help="Only jobs in whose prompt these words stand.")]
Out = Annotated[
    Path, typer.Option(help="The layer: RGBA, its mask as alpha; several are numbered.")
]
PAGE = 100

command = typer.Typer(no_args_is_help=True)


@command.command("list")
def list_results(
    *, search: Search = "", server: Server = None, data: Data = None, as_json: Json = False
) -> None:
    """List the kept jobs, newest first."""
    with connected(Where(server, data)) as client:
        jobs = all_jobs(client, search)
    if as_json:
        typer.echo(json.dumps([_row(job) for job in jobs]))
        return
    first = Column("job", no_wrap=True, min_width=32)
    table = Table(first, "when", "what", "state", "fetched", "prompt")
    for job in jobs:
        when = datetime.fromtimestamp(job.submitted).astimezone().strftime("%Y-%m-%d %H:%M")
        what = f"{job.count} x {job.capability}" if job.count > 1 else job.capability
        fetched = "yes" if job.fetched else ""
        table.add_row(job.job.hex(), when, what, job.state, fetched, job.prompt)
    # Brackets in a prompt are the artist's, no markup.
    Console(markup=False).print(table if jobs else "Nothing is kept.")


@command.command()
def fetch(
    job: Job = "", *, server: Server = None, data: Data = None, out: Out = Path("layer.png")
) -> None:
    """Write a kept result's layers as PNG files."""
    check_writable(out)
    with connected(Where(server, data)) as client:
        chosen = choose(all_jobs(client), job)
        finished = client.outcome(chosen.job)
        if not isinstance(finished, Finished):
            raise Mistake(f"That job is not finished: {chosen.state}.", "bottega results list")
        layers = fetch_layers(client.fetch, finished.result, {})
        client.acknowledge(chosen.job)
    for index, placed in enumerate(layers):
        file = numbered(out, index)
        depth = "u8" if placed.layer.pixels.depth == "u8" else "u16"
        write_png(file, PngPicture(masked_layer(placed, depth)))
        at = placed.layer.rectangle
        typer.echo(f"{file}: {at.width} x {at.height} at {at.x}, {at.y}")


def all_jobs(client: Client, search: str = "") -> list[JobSummary]:
    """Every kept job, or those with these words, newest first."""
    jobs: list[JobSummary] = []
    while page := client.results(len(jobs), PAGE, search):
        jobs += page
        if len(page) < PAGE:
            break
    return jobs


def choose(jobs: list[JobSummary], start: str) -> JobSummary:
    """The one job whose id begins so, or the latest finished; raises Mistake otherwise."""
    if not start:
        found = [job for job in jobs if job.state == FINISHED][:1]
    else:
        found = [job for job in jobs if job.job.hex().startswith(start.lower())]
    if len(found) != 1:
        what = f"{len(found)} kept jobs begin with {start}." if start else "No job is finished."
        raise Mistake(what, "See them with: bottega results list")
    return found[0]


def _row(job: JobSummary) -> dict[str, object]:
    return {
        "job": job.job.hex(),
        "capability": job.capability,
        "count": job.count,
        "prompt": job.prompt,
        "state": job.state,
        "submitted": job.submitted,
        "fetched": job.fetched,
    }
