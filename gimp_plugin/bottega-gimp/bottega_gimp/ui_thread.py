"""The thread that GTK and GIMP belong to, kept alive while another one talks to the server."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from .gimp import GLib

T = TypeVar("T")


class UiThread:
    """Made on the UI thread. GLib's main loop is the queue: idle calls may come from any thread."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()

    def call(self, work: Callable[[], T]) -> T:
        """Run `work` on the UI thread, wait, hand over its value or its exception."""
        if threading.get_ident() == self._thread:
            return work()
        answer: Future[T] = Future()
        self.post(lambda: _settle(answer, work))
        return answer.result()

    def post(self, work: Callable[[], object]) -> None:
        """Have `work` run on the UI thread soon, in the order of the calls; don't wait."""

        def once() -> bool:
            work()
            return False  # not again

        GLib.idle_add(once)

    def wait_for(self, work: Callable[[], T]) -> T:
        """Run `work` in a thread of its own, with the UI alive until it is done."""
        loop = GLib.MainLoop()
        answer: Future[T] = Future()

        def run() -> None:
            _settle(answer, work)
            self.post(loop.quit)

        threading.Thread(target=run, name="bottega", daemon=True).start()
        loop.run()
        return answer.result()


def _settle(answer: Future[T], work: Callable[[], T]) -> None:
    try:
        answer.set_result(work())
    except BaseException as error:  # noqa: BLE001  # the edge of a thread: the other one raises it
        answer.set_exception(error)
