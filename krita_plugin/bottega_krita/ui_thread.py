"""How another thread gets something done on Krita's UI thread, and its value back."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Any, TypeVar

from bottega_client.editor import EditorError

from .qt import QtCore
from .turns import Course, carry_out

T = TypeVar("T")

LOOK_UP = 0.2
"""Seconds after which a waiting thread looks whether Krita is closing."""


class UiThread(QtCore.QObject):
    """Made once, on the UI thread, and kept as long as Krita runs."""

    _posted = QtCore.pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self._thread = threading.get_ident()
        self._closed = threading.Event()
        # Connected before any thread exists: an emit without a receiver is lost.
        self._posted.connect(self._do, QtCore.Qt.ConnectionType.QueuedConnection)
        QtCore.QCoreApplication.instance().aboutToQuit.connect(self._closed.set)

    def post(self, work: Callable[[], None]) -> None:
        """Have `work` done soon; it must not raise. Nothing happens once Krita is closing."""
        if not self._closed.is_set():
            self._posted.emit(work)

    def run(self, work: Callable[[], T]) -> T:
        """Do `work` on the UI thread and wait; raises what it raises, EditorError at closing."""
        if threading.get_ident() == self._thread:
            return work()
        promise: Future[T] = Future()
        self.post(lambda: _keep(promise, work))
        while not self._closed.is_set():
            if wait((promise,), timeout=LOOK_UP).done:
                return promise.result()
        raise EditorError("Krita is closing.", "The result is kept: `bottega results list`.")

    def in_turns(self, course: Course[T]) -> T:
        """Do a course's turns, with pauses between them, and wait; on the UI thread at one go."""
        return carry_out(course, self.run)

    def _do(self, work: Callable[[], None]) -> None:
        work()


def _keep(promise: Future[Any], work: Callable[[], Any]) -> None:
    """Settle a promise with what `work` returns or raises."""
    try:
        promise.set_result(work())
    except Exception as error:  # noqa: BLE001  # handed to the thread that waits
        promise.set_exception(error)
