"""Ask, submit, follow, cancel and fetch: blocking calls over one connection that mends itself."""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, TypeVar

from bottega_protocol.codec import Chunk
from bottega_protocol.errors import BottegaError, Refusal
from bottega_protocol.images import Image
from bottega_protocol.messages import (
    Accepted,
    Acknowledge,
    Announce,
    AskOffers,
    AskPicture,
    AskQuote,
    AskResults,
    Cancel,
    Cancelled,
    Declined,
    Failed,
    Finished,
    Follow,
    JobSummary,
    Need,
    Offers,
    Quote,
    Refused,
    Results,
    SmallPicture,
    Stopped,
    Stored,
    Submit,
)
from bottega_protocol.offers import Plan
from bottega_protocol.schema import Record
from bottega_protocol.session import Event

from .answers import Box, Followers, answer_in, news_in, wrong
from .freight import Freight, Sent
from .launch import Address, NoServer
from .line import RETRY_SECONDS, Line
from .stopping import Stop
from .transport import Disconnected
from .uploads import Spoilt

R = TypeVar("R", bound=Record)

Question = AskOffers | AskQuote | AskResults | AskPicture
TERMINAL = (Finished, Failed, Cancelled, Refused)


class Client:
    """One artist's connection. Every call blocks: never make one on an editor's UI thread."""

    def __init__(
        self, address: Address, program: str = "", retries: tuple[float, ...] = RETRY_SECONDS
    ) -> None:
        self._numbers = itertools.count(1)
        self._answers: dict[int, Box] = {}
        self._followers = Followers()
        self._line = Line(address, program, retries, self._take, self._lost)
        self._freight = Freight(self._line, self._refused)

    @property
    def url(self) -> str:
        """Where the server is."""
        return self._line.url

    @property
    def times(self) -> int:
        """How often a connection was made: it may be another server by now."""
        return self._line.times

    @property
    def server(self) -> str:
        """What the server calls itself; "" without a connection."""
        return self._line.server

    @property
    def traffic(self) -> tuple[int, int]:
        """Bytes sent and received so far, headers of the protocol included."""
        return self._line.traffic

    def connect(self) -> None:
        """Connect, if this is not connected; raises NoServer, BadProof and their kin."""
        self._line.connect()

    def close(self) -> None:
        """Hang up for good; who still waits is told so. Jobs that were accepted go on."""
        self._line.close()

    # --- asking ------------------------------------------------------------------------------

    def offers(self) -> Offers:
        """What can be asked here."""
        return self._ask(AskOffers(next(self._numbers)), Offers)

    def quote(self, ask: Callable[[int], AskQuote]) -> Plan:
        """What to read for a selection; `ask` is given the number of the question."""
        return self._ask(ask(next(self._numbers)), Quote).plan

    def results(
        self, skip: int = 0, most: int = 50, search: str = "", document: str = ""
    ) -> tuple[JobSummary, ...]:
        """The kept jobs of this account, newest first: those with these words, of this document."""
        question = AskResults(next(self._numbers), skip, most, search, document)
        return self._ask(question, Results).jobs

    def picture(self, job: bytes, side: int) -> SmallPicture:
        """How a kept job looks, at most `side` pixels; raises Refusal where it shows nothing."""
        return self._ask(AskPicture(next(self._numbers), job, side), SmallPicture)

    def _ask(self, question: Question, answer: type[R]) -> R:
        return self._line.mending(lambda: self._ask_once(question, answer))

    def _ask_once(self, question: Question, answer: type[R]) -> R:
        box: Box = queue.Queue()
        self._answers[question.request] = box
        try:
            self._line.send(question)
            reply = answer_in(box)
        finally:
            self._answers.pop(question.request, None)
        if isinstance(reply, Declined):
            raise Refusal(reply.code, reply.message, reply.remedy)
        return reply if isinstance(reply, answer) else wrong(reply)

    # --- jobs --------------------------------------------------------------------------------

    def follow(
        self,
        submit: Submit,
        blobs: Mapping[bytes, bytes],
        stop: threading.Event,
        sent: Sent = lambda _: None,
    ) -> Iterator[Record]:
        """Submit a job and yield what is heard of it, to its terminal message.

        `blobs` holds the bytes of every hash that the request names. When the connection breaks
        the same submit is sent again, which is harmless. Once `stop` is set the job is
        cancelled. Raises Refusal for a refused job.
        """
        return self._following(submit, blobs, stop, sent)

    def attend(self, job: bytes, stop: threading.Event) -> Iterator[Record]:
        """As `follow`, for a job that the server has already: how it stands, to its end."""
        return self._following(Follow(job), {}, stop, lambda _: None)

    def _following(
        self,
        first: Submit | Follow,
        blobs: Mapping[bytes, bytes],
        stop: threading.Event,
        sent: Sent,
    ) -> Iterator[Record]:
        try:
            with self._followers.box(first.job) as box:
                self._line.mending(lambda: self._line.send(first), stop)
                yield from self._events(first, blobs, box, Stop(stop), sent)
        except (Disconnected, NoServer):
            if not stop.is_set():
                raise
            # There is no server to tell: the artist is not kept waiting for one.
            yield Cancelled(first.job)
        finally:
            self._freight.stop_uploads(first.job)

    def outcome(self, job: bytes) -> Record:
        """The latest that is known of a job of this account."""
        with self._followers.box(job) as box:
            self._line.mending(lambda: self._line.send(Follow(job)))
            reply = answer_in(box)
        if isinstance(reply, Refused):
            raise Refusal(reply.code, reply.message, reply.remedy)
        return reply

    def acknowledge(self, job: bytes) -> None:
        """Tell that a result is placed. Nothing depends on it: it is not tried for long."""
        self._line.mending(lambda: self._line.send(Acknowledge(job)), waits=RETRY_SECONDS[:2])

    def call_off(self, job: bytes) -> None:
        """Have a job stopped that nobody follows any more; what it has painted was looked at."""
        self._line.mending(lambda: self._line.send(Cancel(job)))
        self.acknowledge(job)

    def _events(
        self,
        first: Submit | Follow,
        blobs: Mapping[bytes, bytes],
        box: queue.Queue[Any],
        stop: Stop,
        sent: Sent,
    ) -> Iterator[Record]:
        spoilt = Spoilt()
        while True:
            if stop.now():
                self._line.mending(lambda: self._line.send(Cancel(first.job)), stop.wish)
            try:
                event = box.get(timeout=0.1)
            except queue.Empty:
                if stop.given_up():
                    yield Cancelled(first.job)
                    return
                continue
            if isinstance(event, Disconnected) or spoilt.by(event):
                self._line.mending(lambda: self._line.send(first), stop.wish)
                stop.forget()
            elif isinstance(event, int):
                sent(event)
            elif isinstance(event, Need) and isinstance(first, Submit):
                # Where the line is gone, the box says so next, and the submit is sent again.
                with suppress(Disconnected):
                    # What has gone is told on the writing thread: the caller hears on his own.
                    self._freight.upload(event, blobs, box.put, stop.wish)
            elif not isinstance(event, (Accepted, Need)):
                yield news_in(event)
            if isinstance(event, TERMINAL):
                return

    def fetch(self, image: Image, stop: threading.Event | None = None) -> bytes:
        """The bytes of a result's image, unless `stop` is set; errors as `Freight.fetch`."""
        return self._freight.fetch(image, stop)

    # --- what the line brings ----------------------------------------------------------------

    def _lost(self, error: BottegaError) -> None:
        for box in (*self._answers.values(), *self._followers.everyone()):
            box.put(error)
        self._freight.lost(error)

    def _refused(self, job: bytes, error: BottegaError) -> None:
        for box in self._followers.of(job):
            box.put(error)

    def _take(self, event: Event) -> None:
        """On the reading thread: hand an event to whoever waits for it."""
        if isinstance(event, (Announce, Chunk, Stopped, Stored)):
            self._freight.take(event)
        elif hasattr(event, "job"):
            for box in self._followers.of(event.job):
                box.put(event)
        elif hasattr(event, "request"):
            answer = self._answers.get(event.request)
            if answer is not None:
                answer.put(event)
