"""A thread that answers the newest question only: the older ones nobody waits for any more."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Q = TypeVar("Q")

log = logging.getLogger(__name__)


class Newest(Generic[Q]):
    """`answer` is called with a question and gives what to do with it, unless a newer has come.

    The thread starts with the first question and ends with `close`.
    """

    def __init__(self, name: str, answer: Callable[[Q], Callable[[], None]]) -> None:
        self._answer = answer
        self._turn = threading.Condition()
        self._question: list[Q] = []
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def ask(self, question: Q) -> None:
        """Have this answered, and none that came before; doesn't block."""
        with self._turn:
            self._question = [question]
            self._turn.notify()
            if self._thread.ident is None and not self._closed:
                self._thread.start()

    @property
    def outdated(self) -> bool:
        """Whether nobody waits any more for what is being answered. Asked by `answer` itself."""
        return bool(self._question) or self._closed

    def close(self) -> None:
        """No more answers; doesn't block."""
        with self._turn:
            self._closed = True
            self._turn.notify()

    def _run(self) -> None:
        while True:
            with self._turn:
                self._turn.wait_for(lambda: self._question or self._closed)
                if self._closed:
                    return
                question = self._question.pop()
            try:
                done = self._answer(question)
            except Exception:  # the edge of a thread: the next question is to be answered
                log.exception("a question could not be answered")
                continue
            with self._turn:
                if self._question or self._closed:
                    continue
            done()
