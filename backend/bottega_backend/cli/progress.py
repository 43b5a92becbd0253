"""What is shown while a job runs, on standard error; Ctrl+C cancels the job."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from bottega_client.actions import Report

console = Console(stderr=True)


@contextmanager
def shown(title: str) -> Iterator[Callable[[Report], None]]:
    """A bar for one job; yields what is told of its progress."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
    )
    silent = not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=silent) as bars:
        task = bars.add_task(title, total=1.0)

        def tell(report: Report) -> None:
            done = 0.0 if report.fraction is None else report.fraction
            pulse = None if report.fraction is None else 1.0
            bars.update(task, description=f"{title}: {report.text}", completed=done, total=pulse)

        yield tell


@contextmanager
def stop_on_interrupt() -> Iterator[threading.Event]:
    """An event that the first Ctrl+C or request to end sets; a second one does as usual."""
    stop = threading.Event()

    def interrupted(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        restore()

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    before = {
        number: signal.signal(number, interrupted) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield stop
    finally:
        restore()
