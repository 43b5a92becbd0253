"""A client for one command: of the server that runs, or of one started for the call."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import typer

from bottega_backend.store.lock import wait_turn
from bottega_client.client import Client
from bottega_client.kept_address import kept_address
from bottega_client.launch import Address, NoServer, data_folder, find_server, start_server

PROGRAM = "bottega (command line)"
END_SECONDS = 30.0
"""How long a server that was started for the call may take to end."""


@dataclass(frozen=True)
class Where:
    """Which server a command speaks to; `models` and `device` are for one that is started."""

    url: str | None = None
    data: Path | None = None
    models: Path | None = None
    device: str = "auto"

    @property
    def folder(self) -> Path:
        """The data folder."""
        return self.data or data_folder()


@contextmanager
def connected(where: Where, *, start: bool = True) -> Iterator[Client]:
    """A connected client; a server that had to be started is ended afterwards.

    Raises NoServer and its kin.
    """
    with ExitStack() as life:
        yield _connect(where, life, start=start)


def _connect(where: Where, life: ExitStack, *, start: bool) -> Client:
    """Connect; what has to be ended again is left to `life`, in the right order."""
    address = _named(where, start=start)
    if address is not None:
        _say_as_it_is(where)
        return _kept(life, _open(address))
    turn = wait_turn(where.folder, _say_waiting)
    life.callback(turn)
    try:
        client = _open(find_server(where.folder))
    except NoServer:
        process, client = _start(where)
        if process is not None:
            life.callback(end, process)
    else:
        turn()  # that one stays: everybody may use it at once
        _say_as_it_is(where)
    return _kept(life, client)


def _named(where: Where, *, start: bool) -> Address | None:
    """The server that was named or kept, or the folder's own where none may be started."""
    kept = kept_address(where.folder)
    if kept is not None and where.url in (None, kept.url):
        return kept
    if where.url is None and start:
        return None
    own = find_server(where.folder)
    return replace(own, url=where.url or own.url)


def _kept(life: ExitStack, client: Client) -> Client:
    life.callback(client.close)
    return client


def _say_waiting() -> None:
    typer.echo("Waiting: another command uses a server of its own in this data folder.", err=True)


def _say_as_it_is(where: Where) -> None:
    """A server that runs already is taken as it is; whoever asked for more should know."""
    if where.models is not None or where.device != "auto":
        told = "A server runs already, with models and a device of its own: yours are ignored."
        typer.echo(f"{told} End it to have them used.", err=True)


def _start(where: Where) -> tuple[subprocess.Popen[str] | None, Client]:
    try:
        process, address = start_server(serve_command(where), where.folder)
    except NoServer:
        # Another command may have started one in the same moment: then that one serves us too.
        return None, _open(find_server(where.folder))
    try:
        return process, _open(address)
    except BaseException:
        end(process)
        raise


def serve_command(where: Where) -> list[str]:
    """The command line of a server for this data folder, on any free port."""
    words = [
        sys.executable,
        "-P",
        "-m",
        "bottega_backend.cli.main",
        "serve",
        "--quiet",
        "--port",
        "0",
    ]
    words += ["--data", str(where.folder), "--device", where.device]
    return words + (["--models", str(where.models)] if where.models else [])


def end(process: subprocess.Popen[str]) -> None:
    """End a server: politely, then by force."""
    process.terminate()
    try:
        process.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()


def _open(address: Address) -> Client:
    client = Client(address, PROGRAM)
    client.connect()
    return client
