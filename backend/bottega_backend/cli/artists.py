"""`bottega artists`: who may use the server from other machines."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bottega_backend.errors import StoreFailed
from bottega_backend.server.app import PORT
from bottega_backend.server.roster import LOOK_SECONDS
from bottega_backend.settings import QUOTAS, Limits, read_settings
from bottega_backend.store.artists import ARTISTS_FILE, MINUTES, Artist, Artists
from bottega_backend.store.erasure import erase as erase_all
from bottega_backend.store.lock import is_served
from bottega_client.launch import data_folder

from .exits import Mistake
from .invitations import Place, place
from .options import Data, Json

Name = Annotated[str, typer.Argument(help="The artist's name, as you call each other.")]
Reached = Annotated[
    str | None,
    typer.Option(
        "--address", help="HOST or HOST:PORT where the artist's machine reaches this server."
    ),
]
Settings = Annotated[
    list[str] | None, typer.Argument(help="LIMIT=NUMBER or LIMIT=default; nothing: show them.")
]

Sure = Annotated[bool, typer.Option("--yes", help="Don't ask.")]

DEFAULT = "default"

command = typer.Typer(no_args_is_help=True)


@contextmanager
def _artists(data: Path | None) -> Iterator[Artists]:
    folder = data or data_folder()
    try:
        with closing(Artists(folder)) as artists:
            yield artists
    except sqlite3.Error as error:
        raise StoreFailed(
            f"{folder / ARTISTS_FILE} failed: {error}.", "See that there is room and a sound file."
        ) from error


def _until_seen(data: Path | None) -> None:
    """Wait until a server that runs has looked at the list: what is told then is so."""
    if is_served(data or data_folder()):
        time.sleep(2 * LOOK_SECONDS)


@command.command()
def add(name: Name, *, address: Reached = None, data: Data = None) -> None:
    """Let an artist use the server; prints an invitation that is good once, for ten minutes."""
    where = place(data or data_folder(), address)
    with _artists(data) as artists:
        secret = artists.add(name)
    _until_seen(data)
    _tell(name, where, secret)


@command.command()
def invite(name: Name, *, address: Reached = None, data: Data = None) -> None:
    """Another invitation, for the same artist's next program or computer."""
    where = place(data or data_folder(), address)
    with _artists(data) as artists:
        secret = artists.invite(name)
    _until_seen(data)
    _tell(name, where, secret)


def _tell(name: str, where: Place, secret: bytes) -> None:
    invitation = where.invitation(secret)
    until = datetime.now().astimezone() + timedelta(minutes=MINUTES)
    typer.echo(f"Invitation for {name}, good once, until {until:%H:%M}. A link:\n")
    typer.echo(f"  {invitation.link}\n\nor the same as text:\n\n  {invitation.text}\n")
    typer.echo("In Krita and GIMP it goes where the server's address goes; in a terminal:")
    typer.echo("  bottega connect INVITATION")
    if not where.ready:
        port = "" if where.port == PORT else f" --port {where.port}"
        told = "\nThis server has not listened for other machines yet. Start it with:"
        typer.echo(f"{told}\n  bottega serve --host 0.0.0.0{port}", err=True)


@command.command("list")
def list_artists(*, data: Data = None, as_json: Json = False) -> None:
    """List the artists, with those whose access was taken back."""
    with _artists(data) as artists:
        everyone = artists.everyone()
    if as_json:
        typer.echo(json.dumps([_row(artist) for artist in everyone]))
        return
    table = Table("artist", "since", "programs", "last seen", "state", "own limits")
    for artist in everyone:
        quota = ", ".join(f"{name}={value:g}" for name, value in artist.quota.items())
        table.add_row(
            artist.account,
            _day(artist.made),
            str(artist.keys),
            _day(artist.seen),
            _state(artist),
            quota,
        )
    # Brackets in a name are no markup.
    Console(markup=False).print(table if everyone else "No artist is invited yet.")


def _state(artist: Artist) -> str:
    if artist.revoked is not None:
        return f"revoked {_day(artist.revoked)}"
    return "invited" if artist.invited else ""


def _day(seconds: float | None) -> str:
    return "" if seconds is None else f"{datetime.fromtimestamp(seconds).astimezone():%Y-%m-%d}"


def _row(artist: Artist) -> dict[str, object]:
    return {
        "artist": artist.account,
        "since": artist.made,
        "programs": artist.keys,
        "seen": artist.seen,
        "revoked": artist.revoked,
        "invited": artist.invited,
        "quota": dict(artist.quota),
    }


@command.command()
def revoke(name: Name, *, data: Data = None) -> None:
    """Take an artist's access back: open connections and jobs end within a second."""
    with _artists(data) as artists:
        account = artists.revoke(name)
    _until_seen(data)
    typer.echo(f"{account} has no access any more. Results that are kept age as all do;")
    typer.echo(f"to erase it now: bottega artists erase {account}")


@command.command()
def erase(name: Name, *, yes: Sure = False, data: Data = None) -> None:
    """Revoke an artist and erase all that is kept of him: jobs, prompts, pictures, uploads."""
    folder = data or data_folder()
    with _artists(data) as artists:
        account = artists.find(name).account
        if not yes:
            typer.confirm(f"Erase everything of {account} for ever?", abort=True)
        artists.revoke(account)
        gone = erase_all(folder, account, running=is_served(folder))
        artists.remove(account)
    told = f"{gone.jobs} jobs, {gone.files} files, {gone.size / 1e9:.2f} GB"
    typer.echo(f"{account} is erased here ({told}). Backups still hold what they held.")


@command.command()
def quota(name: Name, settings: Settings = None, *, data: Data = None) -> None:
    """Show or set what an artist may have in place of what everybody may ([limits])."""
    limits = read_settings(data or data_folder()).limits
    with _artists(data) as artists:
        artist = artists.find(name)
        own = dict(artist.quota)
        for setting in settings or ():
            _apply(own, setting)
        theirs = _checked(limits, own)
        if settings:
            artists.set_quota(name, own)
    table = Table("limit", "everybody", artist.account)
    for limit in QUOTAS:
        table.add_row(limit, f"{getattr(limits, limit):g}", f"{getattr(theirs, limit):g}")
    Console(markup=False).print(table)


def _apply(own: dict[str, float], setting: str) -> None:
    limit, _, value = setting.partition("=")
    if limit not in QUOTAS or not value:
        raise Mistake(f"{setting} sets nothing.", f"LIMIT=NUMBER; limits: {', '.join(QUOTAS)}")
    if value == DEFAULT:
        own.pop(limit, None)
        return
    try:
        own[limit] = float(value)
    except ValueError as error:
        raise Mistake(f"{value} is no number.", f"{limit}=NUMBER, or {limit}=default") from error


def _checked(limits: Limits, own: dict[str, float]) -> Limits:
    if not all(value < float("inf") for value in own.values()):
        raise Mistake("A limit has to be a number that ends.", "Name a large one.")
    try:
        return limits.of_artist(own)
    except ValueError as error:
        raise Mistake(f"That {error}.", "Numbers above 0, please.") from error
