"""Work on Krita's UI thread in turns, between which Krita handles events."""

from __future__ import annotations

from collections.abc import Callable, Generator
from inspect import GEN_CLOSED, getgeneratorstate
from typing import Any, TypeVar

T = TypeVar("T")

Course = Generator[Callable[[], Any] | None, Any, T]
"""Work in turns, each of them on the UI thread: up to a yield at a time.

What it yields is called on the thread that waits for the end, and its value sent back with the next
turn; with None there is only a pause.
"""

TURN = 2**17
"""Pixels that are converted or laid into a layer in one turn."""

_abandoned: list[Course[Any]] = []


def carry_out(course: Course[T], run: Callable[[Callable[[], Any]], Any]) -> T:
    """Do all turns with `run`, which does each on the UI thread; raises what they raise."""
    turn: Callable[[], Any] = lambda: next(course)  # noqa: E731  # the first of several
    try:
        while True:
            aside = run(_ending(turn))
            if isinstance(aside, _End):
                value: T = aside.value
                return value
            turn = _after(course, aside)
    except BaseException:
        # Krita is closing: what the course holds belongs to the UI thread, and stays as it is.
        if getgeneratorstate(course) != GEN_CLOSED:
            _abandoned.append(course)
        raise


def _after(course: Course[Any], aside: Callable[[], Any] | None) -> Callable[[], Any]:
    """Do what was to be done aside; gives the turn that follows."""
    if aside is None:
        return lambda: next(course)
    try:
        value = aside()
    except Exception as error:  # noqa: BLE001  # handed to the course, which may have to tidy up
        failure = error
        return lambda: course.throw(failure)
    return lambda: course.send(value)


class _End:
    """What a course returned."""

    def __init__(self, value: Any) -> None:
        self.value = value


def _ending(turn: Callable[[], Any]) -> Callable[[], Any]:
    def whole() -> Any:
        try:
            return turn()
        except StopIteration as stop:
            return _End(stop.value)

    return whole
