"""Find the server of this machine by its data folder, or start one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bottega_protocol.errors import BottegaError

SERVER_FILE = "server.json"
"""The file in the data folder in which a listening server tells its user how to reach it."""

START = "bottega serve"


class NoServer(BottegaError):
    """No server listens where one was expected."""

    code = "no-server"


@dataclass(frozen=True)
class Address:
    """Where a server listens and what proves who asks.

    `pin` is the SHA-256 of its certificate in hexadecimal, empty on an open line (ws://).
    """

    url: str
    token: str = field(repr=False)  # neither in a log nor in a traceback
    account: str = "local"
    pin: str = ""


def real_home() -> Path:
    """The user's home as the system knows it: sandboxes point HOME elsewhere."""
    if sys.platform == "win32":
        return Path.home()
    import pwd  # noqa: PLC0415  # not on Windows

    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:  # a container that runs as a number without a name
        return Path.home()


def data_folder() -> Path:
    """`BOTTEGA_DATA`, or the platform's place for a program's own files."""
    chosen = os.environ.get("BOTTEGA_DATA")
    if chosen:
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(real_home()))) / "Bottega"
    if sys.platform == "darwin":
        return real_home() / "Library" / "Application Support" / "Bottega"
    return real_home() / ".local" / "share" / "bottega"


def find_server(folder: Path | None = None) -> Address:
    """The server whose data folder this is; raises NoServer where none has left its address.

    Only connecting tells whether it still lives: in a sandbox its process can't be seen.
    """
    folder = folder or data_folder()
    try:
        entry = json.loads((folder / SERVER_FILE).read_text(encoding="utf-8"))
        host, port, token = str(entry["address"]), int(entry["port"]), str(entry["token"])
        pin = str(entry.get("certificate", ""))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NoServer(
            f"No Bottega server has been started with the data folder {folder}.",
            f"Start it in a terminal with: {START}",
        ) from error
    return Address(url_of(host, port, encrypted=bool(pin)), token, pin=pin)


def url_of(host: str, port: int, *, encrypted: bool = False) -> str:
    """The websocket address of a host and port."""
    scheme = "wss" if encrypted else "ws"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"


def address_of(url: str, token: str) -> Address:
    """An address as people type and paste it."""
    url = url.strip()
    return Address(url if "://" in url else f"ws://{url}", token.strip())


def start_server(command: Sequence[str], folder: Path) -> tuple[subprocess.Popen[str], Address]:
    """Run a serve command and wait until it listens; raises NoServer with its own words if not."""
    process = subprocess.Popen(  # noqa: S603  # the command is the caller's own
        list(command),
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        start_new_session=True,  # Ctrl+C in the terminal is for the caller, not for its server
    )
    try:
        return process, _when_listening(process, folder)
    except BaseException:  # Ctrl+C as well: nobody else knows of it
        process.kill()
        process.wait()
        raise


def _when_listening(process: subprocess.Popen[str], folder: Path) -> Address:
    line = process.stdout.readline() if process.stdout else ""
    if line.startswith("listening on"):
        return find_server(folder)
    raise NoServer(f"The server did not start: {line.strip() or 'it said nothing'}.", START)
