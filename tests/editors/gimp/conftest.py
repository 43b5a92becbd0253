"""One GIMP with a window for the tests that click, fresh ones for those without."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
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
