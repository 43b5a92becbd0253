"""`bottega doctor`: what is here, what is missing, and the command that mends it."""

from __future__ import annotations

import json
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass, fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Table

from bottega_backend.errors import CannotServe
from bottega_backend.server.certificate import CERTIFICATE_FILE, read_certificate
from bottega_backend.settings import QUOTAS, SETTINGS_FILE, Limits, read_settings
from bottega_backend.shelf.catalog import BUILT_INS, Catalog
from bottega_backend.store.artists import ARTISTS_FILE, Artists
from bottega_protocol.errors import BottegaError

from .connection import Where, connected
from .exits import explain
from .options import Data, models_folder
from .plugin_build import PLUGINS
from .plugin_places import places

LIBRARIES = ("torch", "torchvision", "diffusers", "transformers", "numpy", "websockets", "msgpack")

# Only a process of its own may load torch: it takes seconds, and may be what is broken.
LOOK = """
import json, torch
names = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
print(json.dumps({"devices": names, "threads": torch.get_num_threads()}))
"""
LOOK_SECONDS = 120

SERVER_LIMITS = tuple(field.name for field in fields(Limits) if field.name not in QUOTAS)
ONE_ARTIST = "for one of them: bottega artists quota NAME LIMIT=NUMBER"

MOST_LEFT_OUT = 5
"""Files in the models folder of which is said why they can't be used."""


@dataclass(frozen=True)
class Finding:
    """One line: what, how it is, whether painting needs it and it is missing, and the remedy."""

    what: str
    how: str
    missing: bool = False
    remedy: str = ""


def command(*, data: Data = None) -> None:
    """Say what is installed, what runs and what is missing; exit code 1 when painting can't."""
    where = Where(data=data)
    findings = [_bottega(), _python(), *map(_library, LIBRARIES), _device(), _folder(where.folder)]
    findings += [_keeping(where.folder), *_limits(where.folder), _artists(where.folder)]
    findings += [_models(where), _server(where)]
    findings += map(_plugin, PLUGINS)
    table = Table("what")
    table.add_column("how it is", overflow="fold")
    table.add_column("what to do")
    for finding in findings:
        style = "red" if finding.missing else None
        table.add_row(finding.what, finding.how, finding.remedy, style=style)
    # Brackets in the name of a folder are no markup.
    Console(markup=False).print(table)
    raise typer.Exit(int(any(finding.missing for finding in findings)))


def _bottega() -> Finding:
    return Finding("bottega", f"{version('bottega')} in {Path(__file__).parents[1]}")


def _python() -> Finding:
    cores = f"{os.cpu_count()} cores"
    return Finding("Python", f"{platform.python_version()}, {platform.platform()}, {cores}")


def _library(name: str) -> Finding:
    try:
        return Finding(name, version(name))
    except PackageNotFoundError:
        return Finding(name, "not installed", missing=True, remedy="pip install bottega")


def _device() -> Finding:
    try:
        answer = subprocess.run(  # noqa: S603  # our own Python
            [sys.executable, "-P", "-c", LOOK],
            check=False,
            capture_output=True,
            text=True,
            timeout=LOOK_SECONDS,
        )
        found = json.loads(answer.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return Finding(
            "device",
            "torch can't be loaded",
            missing=True,
            remedy="pip install --force-reinstall torch",
        )
    if found["devices"]:
        return Finding("device", ", ".join(found["devices"]))
    remedy = "works, slowly; for an NVIDIA card: a driver, and a torch built for it"
    return Finding("device", f"CPU, {found['threads']} threads", remedy=remedy)


def _folder(folder: Path) -> Finding:
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    if not os.access(existing, os.W_OK):
        remedy = "choose another with --data or BOTTEGA_DATA"
        return Finding("data folder", f"{folder}: not writable", missing=True, remedy=remedy)
    free = shutil.disk_usage(existing).free / 1e9
    return Finding("data folder", f"{folder}, {free:.0f} GB free")


def _keeping(folder: Path) -> Finding:
    """What is kept of finished jobs, and where that is set."""
    try:
        keeping = read_settings(folder).keep
    except CannotServe as error:
        return Finding("kept results", error.message, missing=True, remedy=error.remedy)
    used = sum(file.stat().st_size for file in (folder / "blobs").glob("*/??/*")) / 1e9
    told = f"for {keeping.days:g} days, {used:.1f} of {keeping.gigabytes:g} GB used"
    uploads = f"uploads without a job for {keeping.upload_hours:g} hours"
    place = f"to set it: {folder / SETTINGS_FILE}, table keep"
    return Finding("kept results", f"{told}; {uploads}", remedy=place)


def _limits(folder: Path) -> list[Finding]:
    """How much one may have at once; what the settings file changed is marked."""
    try:
        limits, usual = read_settings(folder).limits, Limits()
    except CannotServe:
        return []  # said of the kept results already
    place = f"to set it: {folder / SETTINGS_FILE}, table limits"
    return [
        Finding("limits of the server", _told(limits, usual, SERVER_LIMITS), remedy=place),
        Finding("limits of an artist", _told(limits, usual, QUOTAS), remedy=ONE_ARTIST),
    ]


def _told(limits: Limits, usual: Limits, names: tuple[str, ...]) -> str:
    def told(name: str) -> str:
        value, default = getattr(limits, name), getattr(usual, name)
        return f"{name} {value:g}" + (f" (else {default:g})" if value != default else "")

    return ", ".join(map(told, names))


def _artists(folder: Path) -> Finding:
    """Who may come from other machines, and until when the certificate lasts."""
    if not (folder / ARTISTS_FILE).exists():
        remedy = "to serve other machines: bottega artists add NAME"
        return Finding("artists", "none invited", remedy=remedy)
    try:
        with closing(Artists(folder)) as artists:
            count = sum(artist.revoked is None for artist in artists.everyone())
        file = folder / CERTIFICATE_FILE
        ends = f"{read_certificate(file, file).ends:%Y-%m-%d}" if file.exists() else ""
    except (sqlite3.Error, BottegaError, OSError) as error:
        told = explain(error) if isinstance(error, BottegaError) else str(error)
        return Finding("artists", told)
    lasts = f"; the server's own certificate lasts until {ends}" if ends else ""
    return Finding("artists", f"{count} may come{lasts}", remedy="bottega artists list")


def _models(where: Where) -> Finding:
    folder = models_folder(where.models, where.folder)
    if not folder.is_dir():
        remedy = "bottega models add PLACE, or bottega models get owner/name"
        return Finding("models folder", f"{folder}: none of your own", remedy=remedy)
    catalog = Catalog(folder)
    own = len(catalog.models) - len(BUILT_INS)
    left = [f"{unknown.name} {unknown.why}" for unknown in catalog.unknown]
    told = f"{folder}: {own} of your own"
    return Finding("models folder", "; left out: ".join([told, *left[:MOST_LEFT_OUT]]))


def _server(where: Where) -> Finding:
    try:
        with connected(where, start=False) as client:
            models = ", ".join(model.name for model in client.offers().models)
            return Finding("server", f"runs at {client.url}: {models}")
    except BottegaError as error:
        return Finding("server", error.message, remedy=error.remedy)


def _plugin(editor: str) -> Finding:
    found = [place for place in places(editor) if (place / PLUGINS[editor].members[0]).exists()]
    if found:
        return Finding(f"{editor} plug-in", ", ".join(map(str, found)))
    program = "" if shutil.which(editor) else f" ({editor} itself is not on the PATH)"
    remedy = f"bottega plugin install {editor}"
    return Finding(f"{editor} plug-in", f"not installed{program}", remedy=remedy)
