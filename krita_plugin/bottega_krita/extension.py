"""How Krita gets to know of Bottega: a docker for every window, and actions with shortcuts."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from krita import DockWidgetFactory, DockWidgetFactoryBase, Extension, Krita

from .docker import BottegaDocker
from .qt import QtGui
from .ui_thread import UiThread

if TYPE_CHECKING:
    from krita import Window

DOCKER = "bottega"
MENU = "tools/scripts"


class Deed(NamedTuple):
    """An action: its name, what the menu says, what it does, its default shortcut."""

    name: str
    text: str
    do: Callable[[BottegaDocker], object]
    keys: str = ""


DEEDS = (
    Deed("bottega_paint", "Bottega: Paint", lambda docker: docker.begin(), "Ctrl+Alt+B"),
    Deed("bottega_fill", "Bottega: Fill Selection", lambda docker: docker.begin("fill")),
    Deed("bottega_refine", "Bottega: Refine", lambda docker: docker.begin("refine")),
    Deed("bottega_generate", "Bottega: Generate", lambda docker: docker.begin("generate")),
    Deed(
        "bottega_place", "Bottega: Place Picked", lambda docker: docker.place(), "Ctrl+Alt+Shift+P"
    ),
    Deed("bottega_stop", "Bottega: Stop", lambda docker: docker.stop(), "Ctrl+Alt+Shift+B"),
    Deed("bottega_prompt", "Bottega: Prompt", lambda docker: docker.write(), "Ctrl+Alt+P"),
)


class BottegaExtension(Extension):
    """Offers its actions in Tools ▸ Scripts and in Krita's list of shortcuts."""

    def setup(self) -> None:
        """Krita demands it; there is nothing to prepare."""

    def createActions(self, window: Window) -> None:  # noqa: N802  # Krita calls it so
        """Add the actions to a new window."""
        for deed in DEEDS:
            action = window.createAction(deed.name, deed.text, MENU)
            action.triggered.connect(partial(_do, deed))
            # Krita knows the defaults, and keeps the artist's own, where our .action file lies;
            # a plug-in that was copied by hand comes without it.
            if deed.keys and not action.property("defaultShortcuts"):
                action.setShortcut(QtGui.QKeySequence(deed.keys))


def _do(deed: Deed, *_: object) -> None:
    """Show the docker of the window in front and have it done."""
    # The window that createActions was given is a wrapper that Krita deletes afterwards.
    for docker in Krita.instance().activeWindow().dockers():
        if docker.objectName() == DOCKER:
            docker.setVisible(True)
            docker.raise_()
            docker.do(deed.do)


def register() -> None:
    """Hand docker and extension to Krita; called once, on the UI thread."""
    krita = Krita.instance()
    right = getattr(DockWidgetFactoryBase, "DockPosition", DockWidgetFactoryBase).DockRight
    krita.addDockWidgetFactory(DockWidgetFactory(DOCKER, right, partial(BottegaDocker, UiThread())))
    krita.addExtension(BottegaExtension(krita))
