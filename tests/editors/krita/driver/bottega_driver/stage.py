"""What a scenario may do: look at Krita's windows, use mouse and keys, write down what it saw."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from .qt import QtCore, QtWidgets

SRGB = "sRGB-elle-V2-srgbtrc.icc"


class Stage:
    """Krita as a scenario sees it; notes go to notes.json, bytes to files of their own."""

    def __init__(self, out, app):
        self.out = out
        self.app = app
        self.notes = {}
        self._act = None

    @property
    def window(self):
        return self.app.windows()[0]

    # --- writing down ------------------------------------------------------------------------

    def note(self, name, value):
        """Write a JSON value down; the file is whole after every note."""
        self.notes[name] = value
        (self.out / "notes.json").write_text(json.dumps(self.notes, indent=1))

    def keep(self, name, content):
        (self.out / name).write_bytes(bytes(content))

    def notes_in(self, name):
        """A JSON value that pytest handed over."""
        return json.loads((self.out / f"{name}.json").read_text())

    def tell_of_server(self):
        """Put the file that pytest handed over where a server would have left it."""
        folder = Path(os.environ["BOTTEGA_DATA"])
        folder.mkdir(exist_ok=True)
        shutil.copy(self.out / "server.json", folder)

    def screenshot(self, name):
        screens = self.out / "screens"
        screens.mkdir(exist_ok=True)
        subprocess.run(["import", "-window", "root", str(screens / f"{name}.png")], check=True)

    # --- documents ---------------------------------------------------------------------------

    def new(self, width, height, depth="U8", model="RGBA", profile=SRGB, name="picture"):
        """A document in a view, with its one white layer."""
        document = self.app.createDocument(width, height, name, model, depth, profile, 72.0)
        document.setBatchmode(True)
        self.window.addView(document)
        return document

    def open(self, name):
        """A picture that pytest handed over, in a view."""
        document = self.app.openDocument(str(self.out / name))
        document.setBatchmode(True)
        self.window.addView(document)
        return document

    def clear_room(self):
        """A large window, and dockers put away as an artist would; Bottega's is 300 wide."""
        window, dockers = self.window.qwindow(), {}
        screen = QtWidgets.QApplication.primaryScreen().geometry()
        window.setGeometry(0, 0, screen.width(), screen.height())
        for docker in self.app.dockers():
            dockers[docker.objectName()] = docker
        for name in ("PresetDocker", "ColorSelectorNg", "sharedtooldocker"):
            if name in dockers:
                dockers[name].setVisible(False)
        yield 0.2
        low = [dockers["KisLayerBox"], self.docker()]
        window.resizeDocks(low, [150, 750], QtCore.Qt.Orientation.Vertical)
        window.resizeDocks(low[1:], [300], QtCore.Qt.Orientation.Horizontal)
        yield 0.3

    def close(self, document):
        document.setModified(False)
        document.close()

    def flat(self, document):
        """The whole flattened picture's bytes."""
        document.waitForDone()
        return document.pixelData(0, 0, document.width(), document.height()).data()

    def names(self, node):
        """The names of a node's children, from the lowest, each with those of its own."""
        return [[child.name(), child.type(), self.names(child)] for child in node.childNodes()]

    # --- undo --------------------------------------------------------------------------------

    def undo_steps(self):
        """The entries of Krita's own History docker."""
        docker = next(one for one in self.app.dockers() if one.objectName() == "History")
        return docker.findChildren(QtWidgets.QListView)[0].model().rowCount()

    def undo(self, document):
        self._history("edit_undo", document)

    def redo(self, document):
        self._history("edit_redo", document)

    def _history(self, action, document):
        self.app.action(action).trigger()
        document.waitForDone()

    # --- the docker, by mouse and keys ----------------------------------------------------------

    def docker(self):
        """Bottega's docker, in front."""
        docker = next(one for one in self.app.dockers() if one.objectName() == "bottega")
        docker.setVisible(True)
        docker.raise_()
        return docker

    def widget(self, name):
        """A widget of the docker; of those that cards have, that of the job at hand."""
        docker = self.docker()
        for page in (docker.panel.paint, docker):
            found = page.findChild(QtWidgets.QWidget, f"bottega_{name}")
            if found is not None:
                return found
        raise LookupError(name)

    @property
    def newest(self):
        """The newest job of the docker's list, or None."""
        return self.docker().panel.newest

    def text(self, name):
        """What one of the docker's labels says, empty while it is not to be seen."""
        label = self.widget(name)
        return label.text() if label.isVisible() else ""

    def titles(self):
        """What stands on the tabs of the docker's pages."""
        bar = self.docker().findChild(QtWidgets.QTabBar)
        return [bar.tabText(index) for index in range(bar.count())]

    def turn_to(self, title):
        """A click on one of the tabs."""
        bar = self.docker().findChild(QtWidgets.QTabBar)
        titles = self.titles()
        index = next(index for index, text in enumerate(titles) if text.startswith(title))
        self._click_at(bar.mapToGlobal(bar.tabRect(index).center()))
        yield lambda: bar.currentIndex() == index

    def click(self, name):
        """A click of the mouse on a widget, or one of that name, that is there to be clicked."""
        widget = self.widget(name) if isinstance(name, str) else name
        assert widget.isVisible(), name
        self._scroll_to(widget)
        yield 0.1
        assert widget.isEnabled(), name
        point = widget.mapToGlobal(QtCore.QPoint(widget.width() // 2, widget.height() // 2))
        there = QtWidgets.QApplication.widgetAt(point)
        assert there is widget or widget.isAncestorOf(there), name
        self._click_at(point)

    def _click_at(self, point):
        scale = QtWidgets.QApplication.primaryScreen().devicePixelRatio()
        # Not waited for: Krita has to handle the click meanwhile.
        self._hands("mousemove", round(scale * point.x()), round(scale * point.y()), "click", 1)

    def _scroll_to(self, widget):
        """As the mouse wheel would do; then the layout settles."""
        parent = widget.parentWidget()
        while parent is not None:
            if isinstance(parent, QtWidgets.QScrollArea):
                parent.ensureWidgetVisible(widget)
            parent = parent.parentWidget()

    def type(self, text):
        self._hands("type", "--delay", 15, text)

    def press(self, *keys):
        self._hands("key", "--delay", 30, *keys)

    def _hands(self, *words):
        # A key that is still down can't be pressed again: the last act has to be over.
        if self._act is not None:
            self._act.wait(10)
        self._act = subprocess.Popen(["xdotool", *map(str, words)])
