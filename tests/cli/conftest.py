"""What the command line's tests share: the command itself, and a real server with the model."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from bottega_backend.cli.png_files import PngPicture, write_png

BOTTEGA = (sys.executable, "-m", "bottega_backend.cli.main")
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def bottega() -> Run:
    """Run one command line to its end."""

    def run(*words: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
        command = [*BOTTEGA, *map(str, words)]
        environment = {**os.environ, "COLUMNS": "200", "OMP_NUM_THREADS": "1"}
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
            env=environment,
            **options,
        )

    return run


@dataclass(frozen=True)
class Running:
    """A server process: its address and its data folder."""

    url: str
    data: Path


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The real server with the built-in model, shared by a session's tests."""
    data = tmp_path_factory.mktemp("data")
    process = subprocess.Popen(
        [*BOTTEGA, "serve", "--quiet", "--port", "0", "--data", str(data)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert process.stdout
    line = process.stdout.readline()
    assert line.startswith("listening on ws://")
    yield Running(line.split()[-1], data)
    process.terminate()
    process.wait(60)


@dataclass(frozen=True)
class Files:
    """A picture and a mask beside it."""

    image: Path
    mask: Path


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """A 96 x 80 RGB picture of noise and a soft mask in it."""
    random = np.random.default_rng(1)
    picture = random.integers(0, 256, (80, 96, 3), np.uint8)
    mask = np.zeros((80, 96, 1), np.uint8)
    mask[30:60, 40:70] = 255
    mask[30:60, 36:40] = 90
    write_png(tmp_path / "image.png", PngPicture(picture))
    write_png(tmp_path / "mask.png", PngPicture(mask))
    return Files(tmp_path / "image.png", tmp_path / "mask.png")
