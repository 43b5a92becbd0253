"""A real GIMP in a room of its own, with the built plug-in: its Python and its widgets."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from editors.room import Room, wait_for

from bottega_backend.cli.plugin_build import build

HERE = Path(__file__).parent
STOCK = ("python-eval", "file-png")
"""GIMP's own plug-ins that the tests need; asking all 120 takes seconds."""

SCREEN = (1400, 900)

GIMPRC = """
(show-welcome-dialog no)
(config-version "99.0.0")
(check-updates no)
(save-session-info no)
(save-document-history no)
(save-device-status no)
(save-tool-options no)
(plug-in-path "{stock}:${{gimp_dir}}/plug-ins")
"""

RUN = """
import contextlib, io, json, os, traceback
said, well = io.StringIO(), True
with contextlib.redirect_stdout(said):
    try:
        exec(compile(open({source!r}).read(), "the test", "exec"), dict(globals()))
    except BaseException:
        well = False
        traceback.print_exc(file=said)
with open({answer!r} + ".part", "w") as file:
    json.dump([well, said.getvalue()], file)
os.rename({answer!r} + ".part", {answer!r})
"""


class Gimp:
    """GIMP with the plug-in, in a config folder of its own; `start` opens its window."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.config = room.folder / "gimp"
        self.data = room.folder / "data"
        self.data.mkdir()
        room.env.update(GIMP3_DIRECTORY=str(self.config), BOTTEGA_DATA=str(self.data))
        self.program = os.environ.get("BOTTEGA_GIMP", "gimp")
        self._install()

    def _install(self) -> None:
        stock = self.room.folder / "stock"
        stock.mkdir()
        for name in STOCK:
            found = sorted(
                (self.room.root or Path("/")).glob(f"usr/lib/*/gimp/3.0/plug-ins/{name}")
            )
            inside = Path("/") / found[0].relative_to(self.room.root or "/")
            (stock / name).symlink_to(inside)
        build("gimp", self.config / "plug-ins")
        (self.config / "gimprc").write_text(GIMPRC.format(stock=stock))
        shutil.copy(HERE / "atspi.py", self.room.folder)

    def know_server(self, data: Path) -> None:
        """Let the plug-in find the server of a data folder, which this room does not see."""
        shutil.copy(data / "server.json", self.data)

    def forget_server(self) -> None:
        """Take the server's address away, as on a machine where none was started."""
        (self.data / "server.json").unlink(missing_ok=True)

    # --- without a window ------------------------------------------------------------------

    def batch(self, code: str) -> subprocess.CompletedProcess[str]:
        """Run Python in gimp-console; the exit status is 0 unless it raised."""
        source = self.room.folder / "batch.py"
        source.write_text(code)
        wrapped = f"exec(compile(open({str(source)!r}).read(), 'the test', 'exec'))"
        console = self.program.replace("gimp", "gimp-console") if self.room.root else self.program
        options = ("--no-interface", "--batch-interpreter=python-fu-eval", "--quit")
        return self.room.run(console, *options, "-b", wrapped, timeout=120)

    # --- with a window -----------------------------------------------------------------------

    def start(self, images: Sequence[Path] = ()) -> None:
        """Open GIMP's window on a screen of its own and wait until it answers."""
        self.room.start_screen(*SCREEN)
        self.room.start_bus()
        options = ("--no-splash", "--new-instance", "--stack-trace-mode=never")
        self.room.start("gimp", self.program, *options, *images)
        wait_for(lambda: self._answers(len(images)), "GIMP's window", 90)
        windows = self.room.run("xdotool", "search", "--onlyvisible", "--class", "gimp").stdout
        for window in windows.split():
            self.room.run("xdotool", "windowsize", window, *SCREEN)

    def _answers(self, images: int) -> bool:
        try:
            return int(self.python("print(len(Gimp.get_images()))")) == images
        except RuntimeError:
            return False

    def python(self, code: str) -> str:
        """Run Python inside the GIMP that the window belongs to; what it printed comes back."""
        name = self.room.folder / uuid.uuid4().hex
        source, answer = name.with_suffix(".py"), name.with_suffix(".json")
        source.write_text(code)
        runner = name.with_suffix(".run")
        runner.write_text(RUN.format(source=str(source), answer=str(answer)))
        call = ("dbus-send", "--session", "--print-reply", "--dest=org.gimp.GIMP.UI")
        method = ("/org/gimp/GIMP/UI", "org.gimp.GIMP.UI.BatchRun")
        script = f"string:exec(open({str(runner)!r}).read(), globals())"
        sent = self.room.run(*call, *method, "string:python-fu-eval", script)
        if sent.returncode:
            raise RuntimeError(sent.stderr)
        wait_for(answer.exists, "GIMP's answer")
        well, said = json.loads(answer.read_text())
        if not well:
            raise AssertionError(said)
        return str(said)

    def widget(self, verb: str, *words: object) -> Any:
        """Look or act once; None where there is no such widget (yet)."""
        try:
            done = self.room.run("python3", self.room.folder / "atspi.py", verb, *words, timeout=8)
        except subprocess.TimeoutExpired:
            return None
        return json.loads(done.stdout) if done.returncode == 0 else None

    def act(self, verb: str, *words: object) -> None:
        """Act on a widget as soon as it is there."""
        wait_for(lambda: self.widget(verb, *words), f"{verb} {words}", pause=0.1)
