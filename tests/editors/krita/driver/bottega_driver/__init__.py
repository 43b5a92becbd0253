"""Plays the scenario that BOTTEGA_SCENARIO names inside a running Krita, then ends Krita.

A scenario is a Python file with a generator `play(stage)`, run on Krita's UI thread. It yields
seconds to wait, or a function to wait for until it is true. Exit codes: 0 played to its end,
1 hung or crashed (stacks in stacks.txt), 3 an exception in the scenario or in a slot.
"""

from __future__ import annotations

import faulthandler
import os
import sys
import traceback
from pathlib import Path

from krita import Extension, Krita

from .qt import QtCore
from .stage import Stage

LIMIT = 240.0
"""Seconds after which a run counts as hung."""

PATIENCE = 100.0
"""Seconds that a scenario waits for one thing."""

OUT = Path(os.environ["BOTTEGA_OUT"])
STACKS = (OUT / "stacks.txt").open("w")


class Driver(Extension):
    """Starts the scenario as soon as Krita's own event loop runs."""

    def setup(self):
        faulthandler.enable(STACKS)
        faulthandler.dump_traceback_later(LIMIT, exit=True, file=STACKS)

    def createActions(self, window):  # noqa: ARG002, N802  # Krita calls it so
        # Krita handles events while it starts: a timer alone may fire before its loop runs.
        self._watch = QtCore.QTimer()
        self._watch.timeout.connect(self._start_in_loop)
        self._watch.start(10)

    def _start_in_loop(self):
        if QtCore.QThread.currentThread().loopLevel() < 1:
            return
        self._watch.stop()
        # Krita's own hook opens a modal dialog.
        sys.excepthook = self._unhandled
        path = Path(os.environ["BOTTEGA_SCENARIO"])
        space = {"__name__": path.stem, "__file__": str(path)}
        exec(compile(path.read_text("utf-8"), str(path), "exec"), space)  # noqa: S102  # our own file
        self._stage = Stage(OUT, Krita.instance())
        self._step(space["play"](self._stage))

    def _step(self, play):
        try:
            wish = next(play)
        except StopIteration:
            self._finish(0)
        except BaseException:  # noqa: BLE001  # the edge: nobody above would tell
            self._unhandled(*sys.exc_info())
        else:
            self._wait(play, wish)

    def _wait(self, play, wish):
        if not callable(wish):
            QtCore.QTimer.singleShot(round(1000 * (wish or 0)), lambda: self._step(play))
            return
        ticks = iter(range(round(PATIENCE * 50)))

        def look():
            if wish():
                self._step(play)
            elif next(ticks, None) is None:
                self._stage.screenshot("gave-up")
                play.throw(TimeoutError("the scenario waited too long"))
            else:
                QtCore.QTimer.singleShot(20, look)

        look()

    def _unhandled(self, kind, error, trace):
        text = "".join(traceback.format_exception(kind, error, trace))
        (OUT / "exception.txt").write_text(text)
        sys.stderr.write(text)
        self._finish(3)

    def _finish(self, code):
        """End Krita. An orderly end closes windows and saves settings, and has no exit code."""
        faulthandler.cancel_dump_traceback_later()
        for document in Krita.instance().documents():
            # What the plug-in keeps out of sight must not keep Krita from closing.
            if document.name() != "Bottega":
                document.setModified(False)
        sys.stderr.flush()
        if code == 0 and os.environ.get("BOTTEGA_QUIT"):
            Krita.instance().action("file_quit").trigger()
        else:
            os._exit(code)


Krita.instance().addExtension(Driver(Krita.instance()))
