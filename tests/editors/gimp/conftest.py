"""One GIMP with a window for the tests that click, fresh ones for those without."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import skimage
from editors.conftest import RunningServer
from editors.gimp.desk import Document
from editors.gimp.session import Gimp
from editors.room import Room


@pytest.fixture(scope="session")
def console(make_room: Callable[[str, str], Room]) -> Gimp:
    """GIMP without a window."""
    return Gimp(make_room("BOTTEGA_GIMP", "gimp-console"))


@pytest.fixture(scope="session")
def gimp(make_room: Callable[[str, str], Room]) -> Iterator[Gimp]:
    """GIMP with a window and no image."""
    session = Gimp(make_room("BOTTEGA_GIMP", "gimp"))
    session.start()
    yield session
    session.room.close()


@pytest.fixture
def document(server: RunningServer, gimp: Gimp) -> Iterator[Document]:
    """A server that loads its engine while GIMP starts, and a document on GIMP's desk."""
    gimp.know_server(server.data)
    with Document(gimp, photograph(gimp)) as opened:
        yield opened


def photograph(gimp: Gimp) -> Path:
    """A cup of coffee, where this GIMP can see it."""
    path = gimp.room.folder / "coffee.png"
    shutil.copy(Path(skimage.__file__).parent / "data" / "coffee.png", path)
    return path
