"""`bottega connect`: use a server of other people's from this machine's command line."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from bottega_client.invitation import redeem
from bottega_client.kept_address import forget_address, keep_address, kept_address
from bottega_client.launch import data_folder

from .connection import PROGRAM
from .exits import Mistake
from .options import Data

Invitation = Annotated[
    list[str] | None,
    typer.Argument(
        help="The link or the text that you were given; - reads it from standard input."
    ),
]
Forget = Annotated[bool, typer.Option("--forget", help="Use this machine's own server again.")]


def command(invitation: Invitation = None, *, forget: Forget = False, data: Data = None) -> None:
    """Redeem an invitation: run, results and demo use that server from now on."""
    folder = data or data_folder()
    if forget:
        gone = forget_address(folder)
        typer.echo("Forgotten." if gone else "There was no other server.")
        return
    if not invitation:
        kept = kept_address(folder)
        if kept is None:
            raise Mistake("No other server is used.", "bottega connect INVITATION")
        typer.echo(f"{kept.url} is used, as {kept.account}.")
        return
    text = sys.stdin.read() if invitation == ["-"] else " ".join(invitation)
    address = redeem(text, PROGRAM)
    keep_address(folder, address)
    typer.echo(f"{address.url} is used from now on, as {address.account}.")
    typer.echo("To use this machine's own server again: bottega connect --forget")
