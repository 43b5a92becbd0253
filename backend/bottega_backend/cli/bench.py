"""`bottega bench`: measurements, each beside a baseline of the same run."""

from __future__ import annotations

import dataclasses
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from bottega_client.launch import find_server

from .connection import Where, connected
from .options import Device, Json

if TYPE_CHECKING:
    from bottega_backend.bench.meaning import Figure, Meaning
    from bottega_backend.bench.path import PathReport

Repeats = Annotated[int, typer.Option(min=1, help="Turns of the path and of the baseline.")]

Scenes = Annotated[int, typer.Option(min=8, help="Held-out scenes to judge, and as many others.")]

command = typer.Typer(no_args_is_help=True)


@command.callback()
def bench() -> None:
    """Measure."""


@command.command()
def path(*, repeats: Repeats = 7, device: Device = "auto", as_json: Json = False) -> None:
    """The way through server and worker against diffusers' bare pipeline, and the line."""
    from bottega_backend.bench.path import measure  # noqa: PLC0415  # brings torch along

    with tempfile.TemporaryDirectory(prefix="bottega-bench-") as folder:
        where = Where(data=Path(folder), device=device)
        with connected(where) as client:
            report = measure(client, find_server(where.folder), device, repeats)
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(report) | {"ratio": report.ratio}))
    else:
        _tell(report)


@command.command()
def meaning(*, scenes: Scenes = 200, device: Device = "auto", as_json: Json = False) -> None:
    """What the Apprentice paints of what it is asked, beside chance and beside what is possible."""
    from bottega_backend.bench.meaning import measure  # noqa: PLC0415  # brings torch along
    from bottega_backend.bench.painter import Painter  # noqa: PLC0415  # as above

    with tempfile.TemporaryDirectory(prefix="bottega-bench-") as folder:
        painter = Painter(Path(folder), device)
        try:
            measured = measure(painter, scenes)
        finally:
            painter.close()
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(measured)))
    else:
        _tell_meaning(measured)


def _tell_meaning(measured: Meaning) -> None:
    title = f"bottega bench meaning: {measured.count} held-out scenes, {measured.size} pixels"
    columns = ("figure", "measured", "chance", "the VAE alone", "judge on truth", "aim")
    table = Table(*columns, title=title, title_justify="left")
    for figure in measured.figures:
        table.add_row(figure.name, *_figures(figure))
    for colour, share in measured.colours.items():
        table.add_row(f"colour, where {colour} was asked", f"{share:.0%}")
    Console().print(table)


def _figures(figure: Figure) -> list[str]:
    """Shares in percent, errors in levels of 255, ratios as they are."""
    values = (figure.value, figure.chance, figure.vae, figure.truth, figure.aim)
    if figure.unit == "share":
        return ["" if value is None else f"{value:.0%}" for value in values]
    return ["" if value is None else f"{value:.2f}" for value in values]


def _tell(report: PathReport) -> None:
    from bottega_backend.bench.path import AIM  # noqa: PLC0415  # as above

    table = Table("what", "measured", title="bottega bench path", title_justify="left")
    size = f"{report.painted[0]} x {report.painted[1]}"
    table.add_row("model", f"{report.model}, {report.sampler}, {report.steps} steps, {size}")
    table.add_row("through the websocket", f"{report.path:.3f} s, median of {report.repeats}")
    table.add_row("bare pipeline", f"{report.bare:.3f} s, median of {report.repeats}")
    table.add_row("ratio", f"{report.ratio:.3f} (aim: at most {AIM})")
    parts = ", ".join(f"{name} {seconds:.3f}" for name, seconds in report.parts.items())
    table.add_row("where the path's time went", f"{parts} s")
    for side, count in report.sent.items():
        table.add_row(f"sent, 512 x 512 selected on {side} x {side}", f"{count} bytes")
    for name, latency in (("alone", report.alone), ("beside 64 MiB uploads", report.beside)):
        times = f"median {latency.median:.2f} ms, p99 {latency.p99:.2f} ms, {latency.count} times"
        table.add_row(f"a quote's round trip, {name}", times)
    table.add_row("uploaded meanwhile", f"{report.uploaded / 2**20:.0f} MiB")
    Console().print(table)
