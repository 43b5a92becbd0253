"""What both plug-ins and the command line do with an Editor: from a wish to placed layers."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress

from bottega_protocol.errors import BottegaError
from bottega_protocol.messages import Cancelled, Failed, Finished
from bottega_protocol.schema import Record

from .client import Client
from .editor import Editor
from .placing import count_of, fetch_layers, place_variations
from .reading import Prepared, new_job, prepare, submission
from .reports import JobFailed, Outcome, Report, Stopped, Tell, report_of
from .wishes import MOST_SEED, Wish, check_wish

__all__ = [
    "MOST_SEED",
    "JobFailed",
    "Outcome",
    "Report",
    "Stopped",
    "Tell",
    "Wish",
    "fetch_layers",
    "perform",
]


def perform(
    editor: Editor,
    client: Client,
    capability: str,
    wish: Wish,
    report: Tell,
    stop: threading.Event,
) -> Outcome:
    """Paint and, if it is a single variation, place; blocks, on a thread of the plug-in's own.

    Several variations are handed over unplaced (`placing.place_variations`). Raises EditorError,
    Refusal, JobFailed, NoServer, Disconnected, or Stopped once `stop` is set.
    """
    began = time.monotonic()
    check_wish(wish)
    report(Report("asking", "Asking the server"))
    plan, snapshot = prepare(editor, client, capability, wish, report)
    go_on(stop)
    prepared = submission(new_job(), capability, wish, plan, snapshot)
    clock = _Clock()
    finished = paint(client, prepared, _timed(report, clock), stop)
    report(Report("fetching", "Fetching the result"))
    with clock:
        layers = fetch_layers(
            lambda image: client.fetch(image, stop), finished.result, prepared.blobs
        )
    go_on(stop)
    if count_of(finished.result) == 1:
        report(Report("placing", "Placing the layer"))
        place_variations(editor, finished.job, finished.result, layers, (0,))
        # The layer is there: that the server could not be told any more is no failure.
        with suppress(BottegaError):
            client.acknowledge(finished.job)
    total = time.monotonic() - began
    return Outcome(
        finished.job,
        finished.result,
        finished.timings,
        clock.seconds,
        total,
        layers,
        snapshot.remarks,
    )


def go_on(stop: threading.Event) -> None:
    """Raise Stopped if the artist wants it."""
    if stop.is_set():
        raise Stopped("Stopped.")


def paint(client: Client, prepared: Prepared, report: Tell, stop: threading.Event) -> Finished:
    """Send a job and wait for its end; the same submit again does no harm."""
    total = sum(map(len, prepared.blobs.values()))

    def sent(count: int) -> None:
        report(Report("sending", "Sending the picture", count / total))

    return await_finished(client.follow(prepared.submit, prepared.blobs, stop, sent), report)


def await_finished(events: Iterator[Record], report: Tell) -> Finished:
    """Report what is heard of a job until it has finished; raises JobFailed or Stopped."""
    for event in events:
        if isinstance(event, Finished):
            return event
        if isinstance(event, Failed):
            raise JobFailed(event.code, event.message, event.remedy)
        if isinstance(event, Cancelled):
            raise Stopped("Stopped.")
        told = report_of(event)
        if told is not None:
            report(told)
    raise JobFailed("no-result", "The server fell silent about the job.", "Look in Recent results.")


class _Clock:
    """Seconds spent on the line: `with clock:` around a download, `mark()` at each upload."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._since: float | None = None

    def __enter__(self) -> None:
        self._since = time.monotonic()

    def __exit__(self, *_: object) -> None:
        self.mark()
        self._since = None

    def mark(self) -> None:
        """Add the time since the last mark."""
        now = time.monotonic()
        self.seconds += now - (self._since if self._since is not None else now)
        self._since = now


def _timed(report: Tell, clock: _Clock) -> Tell:
    def tell(told: Report) -> None:
        if told.stage == "sending":
            clock.mark()
        report(told)

    return tell
