"""What the server keeps, looked through: pages of jobs, and how each of them looks."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable

from bottega_protocol.errors import BottegaError, Refusal
from bottega_protocol.jobs import FINISHED
from bottega_protocol.messages import JobSummary

from .connection import Connection
from .desk import Desk
from .entries import Recent, Seen
from .newest import Newest
from .thumbnails import Thumbnail

PAGE = 50
"""Recent results that are asked for at a time."""

SIDE = 64
"""Pixels of a listed picture's longer side."""

MOST_PICTURES = 500
"""Pictures that are remembered, 12 KB each at most."""


class Gallery:
    """Only the newest question is answered; its page is told first, then picture by picture.

    A page that goes on where another ended leaves that one's pictures on their way.
    """

    def __init__(self, connection: Connection, desk: Desk) -> None:
        self._connection = connection
        self._desk = desk
        self._pictures: OrderedDict[bytes, Thumbnail] = OrderedDict()
        self._due: deque[JobSummary] = deque()
        self._pages = Newest("bottega-recent", self._look_up)
        self._walks: Newest[None] = Newest("bottega-pictures", self._walk)

    def ask(self, search: str, document: str, skip: int) -> None:
        """Have a page told as Recent, and its pictures as Seen; doesn't block."""
        self._pages.ask((search, document, skip))

    def close(self) -> None:
        """Tell nothing any more."""
        self._pages.close()
        self._walks.close()

    def _look_up(self, question: tuple[str, str, int]) -> Callable[[], None]:
        search, document, skip = question
        try:
            jobs = self._connection.client().results(skip, PAGE, search, document)
            event = Recent(jobs, search, skip)
        except BottegaError as error:
            event = Recent((), search, skip, error)

        def tell() -> None:
            self._desk.say(event)
            if not skip:
                self._due.clear()
            self._due.extend(event.jobs)
            self._walks.ask(None)

        return tell

    def _walk(self, _: None) -> Callable[[], None]:
        """From the newest on, until another page has come or the line breaks."""
        while self._due and not self._walks.outdated:
            job = self._due.popleft()
            try:
                picture = self._picture(job)
            except BottegaError:
                break
            if picture is not None:
                self._desk.say(Seen(job.job, picture))
        return _nothing

    def _picture(self, job: JobSummary) -> Thumbnail | None:
        if job.state != FINISHED:
            return None
        if job.job not in self._pictures:
            try:
                small = self._connection.client().picture(job.job, SIDE)
            except Refusal:  # swept away meanwhile: a list without this picture will do
                return None
            self._pictures[job.job] = Thumbnail(small.width, small.height, small.pixels)
            while len(self._pictures) > MOST_PICTURES:
                self._pictures.popitem(last=False)
        return self._pictures[job.job]


def _nothing() -> None:
    """All has been told on the way."""
