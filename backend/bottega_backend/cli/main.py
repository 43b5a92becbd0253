"""The entry point: finds the command's module in a table and imports no other."""

from __future__ import annotations

import signal
import sys
from importlib import import_module
from types import FrameType
from typing import Annotated

import typer

from bottega_protocol.errors import BottegaError

COMMANDS = {
    "serve": ("serve", "Start the server that paints for Krita and GIMP."),
    "demo": ("demo", "Paint on two pictures and show before, selection and after."),
    "doctor": ("doctor", "Say what is installed, what runs and what is missing."),
    "models": ("models", "See, add, get and try out models."),
    "results": ("results", "List and fetch what the server keeps of finished jobs."),
    "run": ("run", "Run one job on PNG files: generate, fill or refine."),
    "artists": ("artists", "Invite artists on other machines; list them, limit them."),
    "connect": ("connect", "Redeem an invitation: use another machine's server from here."),
    "drain": ("drain", "Let the server finish what it paints, and end."),
    "backup": ("backup", "Copy the data folder, also while the server runs."),
    "restore": ("restore", "Make a data folder from a backup."),
    "bench": ("bench", "Measure, each time beside a baseline of the same run."),
    "plugin": ("plugin", "Build, install or remove the plug-ins for Krita and GIMP."),
}
"""Each command's module and what it is for. The server must neither wait for nor keep in memory
what other commands import, so only the module of the command that was typed is loaded."""


def main(words: list[str] | None = None) -> int:
    """Run one command line and give its exit code."""
    words = sys.argv[1:] if words is None else words
    # A server that was started for the call ends with it, however that ends.
    signal.signal(signal.SIGTERM, _terminated)
    try:
        application(words)(words, prog_name="bottega")
    except KeyboardInterrupt:
        return 130
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else int(done.code is not None)
    except BottegaError as error:
        from .exits import exit_code, explain  # noqa: PLC0415  # brings the client along

        typer.echo(explain(error), err=True)
        return exit_code(error)
    except OSError as error:
        if error.filename is None:
            raise  # not about a file that was named
        typer.echo(f"{error.filename}: {error.strerror}.", err=True)
        return 2
    return 0


def _terminated(number: int, _frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def application(words: list[str]) -> typer.Typer:
    """The command line with the module of the command in `words`, or with every command's name."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    app.callback()(bottega)
    chosen = next((word for word in words if not word.startswith("-")), "")
    if chosen in COMMANDS:
        _add_command(app, chosen)
    else:
        for name, (_, purpose) in COMMANDS.items():
            app.command(name, help=purpose)(_nothing)
    return app


def _add_command(app: typer.Typer, name: str) -> None:
    module, purpose = COMMANDS[name]
    found = import_module(f"bottega_backend.cli.{module}")
    if isinstance(found.command, typer.Typer):
        app.add_typer(found.command, name=name, help=purpose)
    else:
        app.command(name, help=purpose)(found.command)


def say_version(asked: bool) -> None:  # noqa: FBT001  # typer passes it by position
    """Say which version this is, and end."""
    if asked:
        from importlib.metadata import version  # noqa: PLC0415  # takes a third of the start

        typer.echo(f"bottega {version('bottega')}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=say_version, is_eager=True, help="Say which version.")
]


def bottega(*, _version: Version = False) -> None:
    """Select a region in Krita or GIMP, say what you want there, get it back as a layer."""


def _nothing() -> None:
    """Stand for a command in the overview."""


if __name__ == "__main__":
    sys.exit(main())
