"""How Krita gets to know of Bottega: a docker for every window, and an action for a shortcut."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from krita import DockWidgetFactory, DockWidgetFactoryBase, Extension, Krita

from .docker import BottegaDocker
from .ui_thread import UiThread

if TYPE_CHECKING:
    from krita import Window

DOCKER = "bottega"
ACTION = "bottega_fill"


class BottegaExtension(Extension):
    """Offers Tools ▸ Scripts ▸ Fill Selection with Bottega."""

    def setup(self) -> None:
        """Krita demands it; there is nothing to prepare."""

    def createActions(self, window: Window) -> None:  # noqa: N802  # Krita calls it so
        """Add the action to a new window."""
        action = window.createAction(ACTION, "Fill Selection with Bottega", "tools/scripts")
        action.triggered.connect(_fill)


def _fill() -> None:
    """Show the docker of the window in front and press its button."""
    # The window that createActions was given is a wrapper that Krita deletes afterwards.
    for docker in Krita.instance().activeWindow().dockers():
        if docker.objectName() == DOCKER:
            docker.setVisible(True)
            docker.raise_()
            docker.panel.fill.click()


def register() -> None:
    """Hand docker and extension to Krita; called once, on the UI thread."""
    krita = Krita.instance()
    right = getattr(DockWidgetFactoryBase, "DockPosition", DockWidgetFactoryBase).DockRight
    krita.addDockWidgetFactory(DockWidgetFactory(DOCKER, right, partial(BottegaDocker, UiThread())))
    krita.addExtension(BottegaExtension(krita))
