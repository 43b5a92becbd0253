"""Where an editor under test lives: a root of its own in private mounts, or this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

T = TypeVar("T")

ENTER = """
set -e
root=$1 folder=$2; shift 2
mount --rbind /proc "$root/proc"
mount --rbind /dev "$root/dev"
mkdir -p "$folder/tmp"
chmod 1777 "$folder/tmp"
mount --bind "$folder/tmp" "$root/tmp"
mkdir -p "$root$folder"
mount --bind "$folder" "$root$folder"
exec chroot "$root" "$@"
"""
"""Mounts as the shell makes them; they vanish together with the process that made them."""


def enter(root: Path, folder: Path, command: Sequence[str]) -> list[str]:
    """The command line that runs `command` inside `root`.

    `folder` is seen at its own path inside too, and its `tmp` is the root's /tmp; nothing else of
    this machine is, save /proc and /dev. Without administrator's rights a user namespace serves.
    """
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    unshare = ["unshare", *user, "--mount", "--propagation", "private", "--"]
    return [*unshare, "sh", "-c", ENTER, "enter", str(root), str(folder), *command]


class Room:
    """Runs programs beside one test, with a home, a /tmp and an environment of their own.

    A context manager: whatever was started in it is ended with it. `root` None is this machine.
    """

    def __init__(self, root: Path | None, folder: Path) -> None:
        self.root = root
        self.folder = folder.resolve()
        self.tmp = Path("/tmp") if root else Path(tempfile.mkdtemp(prefix="bottega-"))  # noqa: S108  # the root's own /tmp
        self.env = self._environment()
        self._started: list[subprocess.Popen[bytes]] = []

    def _environment(self) -> dict[str, str]:
        places = {
            "HOME": "home",
            "XDG_CONFIG_HOME": "config",
            "XDG_DATA_HOME": "share",
            "XDG_CACHE_HOME": "cache",
            "XDG_RUNTIME_DIR": "run",
        }
        for name in places.values():
            (self.folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
        return {
            "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/games",
            "LANG": "C.UTF-8",
            "TMPDIR": str(self.tmp),
            **{key: str(self.folder / name) for key, name in places.items()},
        }

    def command(self, *argv: object) -> list[str]:
        """The command line that runs `argv` in this room."""
        words = [str(word) for word in argv]
        clean = ["env", "-i", *(f"{key}={value}" for key, value in self.env.items()), *words]
        return enter(self.root, self.folder, clean) if self.root else clean

    def run(self, *argv: object, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run to the end, with the output captured; 60 s unless `timeout` says otherwise."""
        options = {"timeout": 60, "capture_output": True, "text": True, **options}
        return subprocess.run(self.command(*argv), check=False, **options)

    def start(
        self, name: str, *argv: object, pass_fds: Sequence[int] = ()
    ) -> subprocess.Popen[bytes]:
        """Start a program that lives as long as the room; its output goes to `<name>.log`."""
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                self.command(*argv),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=pass_fds,
                start_new_session=True,
            )
        self._started.append(process)
        return process

    def log(self, name: str) -> str:
        """What a started program has written so far."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def start_screen(self, width: int = 1400, height: int = 900) -> None:
        """Start an X server on a display number that it finds free, and set DISPLAY."""
        read, write = os.pipe()
        screen = f"{width}x{height}x24"
        # -noreset: editors open and close a first connection, which would reset the server.
        options = ("-screen", "0", screen, "-nolisten", "tcp", "-noreset", "-displayfd", write)
        (self.folder / "tmp" / ".X11-unix").mkdir(mode=0o1777, parents=True, exist_ok=True)
        self.start("xvfb", "Xvfb", *options, pass_fds=(write,))
        os.close(write)
        with os.fdopen(read) as answer:
            number = answer.readline().strip()
        if not number:
            raise RuntimeError(f"Xvfb did not start: {self.log('xvfb')}")
        self.env["DISPLAY"] = f":{number}"

    def start_bus(self) -> None:
        """Start a session bus and set its address."""
        socket = self.tmp / "bus"
        address = f"unix:path={socket}"
        self.start(
            "bus", "dbus-daemon", "--session", "--nofork", "--nopidfile", "--address", address
        )
        seen = self.folder / "tmp" / "bus" if self.root else socket
        wait_for(seen.exists, "the session bus")
        self.env["DBUS_SESSION_BUS_ADDRESS"] = address

    def screenshot(self, path: Path) -> None:
        """Write what the screen shows as a PNG."""
        kept = self.folder / "screen.png"
        done = self.run("import", "-window", "root", f"png:{kept}")
        if done.returncode:
            raise RuntimeError(done.stderr)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(kept.read_bytes())

    def close(self) -> None:
        """End what was started, the last first."""
        for process in reversed(self._started):
            _end(process)
        self._started.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program and all that it started: it leads a session of its own."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(look: Callable[[], T], what: str, limit: float = 30.0, pause: float = 0.05) -> T:
    """Look again and again until something true comes back; the limit is a hang, not a measure."""
    end = time.monotonic() + limit
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > end:
            raise TimeoutError(f"waited {limit:g} s for {what}")
        time.sleep(pause)


def installed(variable: str) -> str | None:
    """The editor that an environment variable names instead of one in a root, if any."""
    return os.environ.get(variable) or None
