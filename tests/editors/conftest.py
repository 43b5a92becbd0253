"""What tests in editors share: rooms to run them in, and a real server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from editors import roots
from editors.room import Room, wait_for

REPOSITORY = Path(__file__).parents[2]
BOTTEGA = (sys.executable, "-m", "bottega_backend.cli.main")
NO_EDITOR = "not in the root {}: `make editors` builds roots, or set BOTTEGA_GIMP, BOTTEGA_KRITA"


@dataclass(frozen=True)
class RunningServer:
    """A server process of the tests' own: its address, its data folder, what it wrote."""

    url: str
    data: Path
    process: subprocess.Popen[str]
    lines: list[str]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip before any fixture starts a server for nothing; from one place, thus in one line."""
    editor, generation = item.path.parent.name, roots.generation()
    wanted = item.get_closest_marker("editor") and not os.environ.get(f"BOTTEGA_{editor.upper()}")
    if wanted and not roots.has(generation, editor):
        pytest.skip(NO_EDITOR.format(generation))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which editors the tests ran in: most generations move on from day to day."""
    passed = [report.nodeid for report in terminalreporter.stats.get("passed", ())]
    editors = [name for name in ("gimp", "krita") if any(f"editors/{name}/" in _ for _ in passed)]
    for editor in editors:
        own = os.environ.get(f"BOTTEGA_{editor.upper()}")
        version = own or roots.versions(roots.generation())[editor]
        terminalreporter.write_line(f"{editor}: {version} ({'own' if own else roots.generation()})")


@pytest.fixture(scope="session")
def artifacts() -> Path:
    """Where screenshots and pictures are kept to be looked at."""
    generation = roots.generation()
    folder = REPOSITORY / "artifacts" / ("" if generation == roots.REQUIRED else generation)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def make_room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, str], Room]]:
    """Open a room for the editor that `variable` may name: `make_room("BOTTEGA_GIMP", "gui")`.

    `name` is for the folder. Without either the test has been skipped before.
    """
    opened: list[Room] = []

    def make(variable: str, name: str) -> Room:
        root = None if os.environ.get(variable) else roots.find(roots.generation())
        opened.append(Room(root, tmp_path_factory.mktemp(name)))
        return opened[-1]

    yield make
    for room in reversed(opened):
        room.close()


@pytest.fixture(scope="session")
def start_server(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., RunningServer]]:
    """Start `bottega serve` on a free port, with a data folder given or new, and wait for it.

    Further words are options of the command.
    """
    started: list[subprocess.Popen[str]] = []

    def start(data: Path | None = None, *options: str) -> RunningServer:
        data = data or tmp_path_factory.mktemp("data")
        server = _serve(data, options)
        started.append(server.process)
        return server

    yield start
    for process in reversed(started):
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


@pytest.fixture(scope="session")
def server(start_server: Callable[[Path | None], RunningServer]) -> RunningServer:
    """The real server with the built-in model, shared by the tests of a session."""
    return start_server(None)


def invite(data: Path, name: str, place: str = "") -> str:
    """Add an artist to a studio's list; gives the invitation's link, to this HOST:PORT."""
    command = [*BOTTEGA, "artists", "add", name, "--data", str(data)]
    command += ["--address", place] if place else []
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found = re.search(r"bottega://\S+", said)
    assert found, said
    return found.group()


def _serve(data: Path, options: Sequence[str]) -> RunningServer:
    command = [*BOTTEGA, "serve", *options]
    log = (data / "serve.log").open("w")
    process = subprocess.Popen(
        [*command, "--data", str(data), "--port", "0"],
        # The editor beside it needs the cores too: threads that wait shall not spin.
        env={**os.environ, "OMP_NUM_THREADS": "2", "OMP_WAIT_POLICY": "PASSIVE"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        bufsize=1,
    )
    lines: list[str] = []
    threading.Thread(target=_keep_lines, args=(process, lines), daemon=True).start()

    def listening() -> re.Match[str] | None:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended: {(data / 'serve.log').read_text()}")
        return re.search(r"listening on (wss?://\S+)", "".join(lines))

    found = wait_for(listening, "the server's first line")
    assert found
    return RunningServer(found.group(1), data, process, lines)


def _keep_lines(process: subprocess.Popen[str], lines: list[str]) -> None:
    """Read to the end, so that the server never waits for a full pipe."""
    for line in process.stdout or ():
        lines.append(line)  # noqa: PERF402  # line by line: others look while it grows
