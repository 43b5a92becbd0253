"""A real Krita that plays a scenario: its warm profile, its plug-ins, what it wrote down."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from editors import roots
from editors.room import Room

from bottega_backend.cli.plugin_build import build

HERE = Path(__file__).parent
LIMIT = 260
"""Seconds after which a Krita counts as hung that could not even say so itself."""
WARM = ("config", "share")
"""What a first start writes: settings, and 80 MB of unpacked resources that take 10 s to make."""

SETTINGS = {
    "kritarc": "[python]\nenable_bottega_krita=true\nenable_bottega_driver=true\n",
    # The software canvas: the same pixels on screen for a third of the CPU.
    "kritadisplayrc": "[General]\nOpenGLRenderer=none\n",
}


@dataclass(frozen=True)
class Played:
    """What a scenario left behind."""

    out: Path

    @property
    def notes(self) -> dict[str, Any]:
        """The values that it wrote down."""
        notes: dict[str, Any] = json.loads((self.out / "notes.json").read_text())
        return notes

    def bytes(self, name: str) -> bytes:
        """A file of raw bytes."""
        return (self.out / name).read_bytes()

    def pixels(self, name: str, shape: tuple[int, ...], dtype: str = "u1") -> np.ndarray[Any, Any]:
        """A file of raw pixels."""
        return np.frombuffer(self.bytes(name), dtype).reshape(shape)


Play = Callable[..., Played]


@pytest.fixture(scope="session")
def play(make_room: Callable[[str, str], Room], artifacts: Path) -> Play:
    """Play a scenario by name: `play("placing", files={"photo.bgra": …}, BOTTEGA_DATA=…)`."""

    def run(name: str, files: Mapping[str, bytes] = {}, **variables: str) -> Played:
        with make_room("BOTTEGA_KRITA", f"krita-{name}") as room:
            _furnish(room, _template(make_room))
            try:
                return _play(room, name, files, variables)
            finally:
                for picture in (room.folder / "out/screens").glob("*.png"):
                    shutil.copy(picture, artifacts / f"krita-{name}-{picture.name}")

    return run


def _template(make_room: Callable[[str, str], Room]) -> Path:
    """A profile after a first start, made once and kept beside the roots."""
    root = roots.find(roots.generation())
    kind = "own" if os.environ.get("BOTTEGA_KRITA") or root is None else root.name
    place = roots.roots_folder() / f"krita-profile-{kind}"
    place.parent.mkdir(parents=True, exist_ok=True)
    with _locked(place.parent / f".krita-profile-{kind}.lock"):
        if not place.is_dir():
            with make_room("BOTTEGA_KRITA", "krita-template") as room:
                _furnish(room, None)
                _play(room, "nothing", {}, {"BOTTEGA_QUIT": "1"})
                part = place.with_suffix(".part")
                shutil.rmtree(part, ignore_errors=True)
                for folder in WARM:
                    shutil.copytree(room.folder / folder, part / folder, symlinks=True)
                shutil.rmtree(part / "share/krita/pykrita")
                part.rename(place)
    return place


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _furnish(room: Room, template: Path | None) -> None:
    """Lay out profile and plug-ins: Bottega as `bottega plugin build` makes it, and the driver."""
    if template is not None:
        command = ["cp", "-a", "--reflink=auto", *(str(template / name) for name in WARM)]
        subprocess.run([*command, str(room.folder)], check=True)
    for name, text in SETTINGS.items():
        settings = room.folder / "config" / name
        if not settings.exists():
            settings.write_text(text)
    plugins = room.folder / "share/krita/pykrita"
    build("krita", plugins)
    shutil.copytree(HERE / "driver", plugins, dirs_exist_ok=True)


def _play(
    room: Room, name: str, files: Mapping[str, bytes], variables: Mapping[str, str]
) -> Played:
    out = room.folder / "out"
    out.mkdir()
    for file, content in files.items():
        (out / file).write_bytes(content)
    scenario = out / "scenario.py"
    shutil.copy(HERE / "scenarios" / f"{name}.py", scenario)
    width, height = variables.get("BOTTEGA_SCREEN", "1500x950").split("x")
    room.start_screen(int(width), int(height))
    room.env |= {
        "QT_QPA_PLATFORM": "xcb",
        "BOTTEGA_SCENARIO": str(scenario),
        "BOTTEGA_OUT": str(out),
        "BOTTEGA_DATA": str(room.folder / "data"),
        **variables,
    }
    krita = room.start("krita", os.environ.get("BOTTEGA_KRITA", "krita"), "--nosplash")
    try:
        code = krita.wait(LIMIT)
    except subprocess.TimeoutExpired:
        room.screenshot(out / "screens/hung.png")
        raise
    if code:
        stories = ("out/notes.json", "out/exception.txt", "out/stacks.txt", "krita.log")
        told = "\n".join(_tail(room.folder / story) for story in stories)
        pytest.fail(f"Krita ended with {code} in the scenario {name}:\n{told}", pytrace=False)
    return Played(out)


def _tail(path: Path) -> str:
    return path.read_text()[-3000:] if path.exists() else ""
