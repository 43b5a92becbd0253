"""Ask, submit, follow, cancel and fetch: blocking calls over one connection that mends itself."""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, TypeVar

from bottega_protocol.codec import Chunk
from bottega_protocol.errors import BadTransfer, BottegaError, Refusal
from bottega_protocol.images import Image
from bottega_protocol.messages import (
    Accepted,
    Acknowledge,
    Announce,
    AskOffers,
    AskQuote,
    AskResults,
    Cancel,
    Cancelled,
    Declined,
    Failed,
    Fetch,
    Finished,
    Follow,
    JobSummary,
    Need,
    Offers,
    Quote,
    Refused,
    Results,
    Stopped,
    Stored,
    Submit,
)
from bottega_protocol.offers import Plan
from bottega_protocol.schema import Record
from bottega_protocol.session import Event
from bottega_protocol.transfers import MOST_TRANSFERS

from .answers import Box, Followers, answer_in, news_in, wrong
from .download import Download, receive
from .launch import Address, NoServer
from .stopping import Stop
from .transport import Disconnected, Transport
from .uploads import Uploads

T = TypeVar("T")
R = TypeVar("R", bound=Record)
RETRY_SECONDS = (0.1, 0.3, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Waits between attempts to reconnect; after the last one the caller is told."""

TERMINAL = (Finished, Failed, Cancelled, Refused)
Sent = Callable[[int], None]
"""Told how many bytes of the job's blobs have been handed to the connection."""


class Client:
    """One artist's connection. Every call blocks: never make one on an editor's UI thread."""

    def __init__(
        self, address: Address, program: str = "", retries: tuple[float, ...] = RETRY_SECONDS
    ) -> None:
        self._address = address
        self._program = program
        self._retries = retries
        self._times = 0
        self._tries = 0
        self._failure: BottegaError | None = None
        self._lock = threading.RLock()
        self._numbers = itertools.count(1)
        self._transport: Transport | None = None
        self._answers: dict[int, Box] = {}
        self._followers = Followers()
        self._downloads: dict[int, Download] = {}
        self._uploads = Uploads()
        self._fetching = threading.BoundedSemaphore(MOST_TRANSFERS)
        self._traffic = (0, 0)
        # A server that was there once is worth waiting for; one that never was is not.
        self._known = False
        self._closed = threading.Event()

    @property
    def url(self) -> str:
        """Where the server is."""
        return self._address.url

    @property
    def times(self) -> int:
        """How often a connection was made: it may be another server by now."""
        with self._lock:
            return self._times

    @property
    def server(self) -> str:
        """What the server calls itself; "" without a connection."""
        with self._lock:
            welcome = self._transport.welcome if self._transport else None
        return welcome.program or welcome.server if welcome else ""

    @property
    def traffic(self) -> tuple[int, int]:
        """Bytes sent and received so far, headers of the protocol included."""
        with self._lock:
            live = self._transport
            sent, received = self._traffic
            return (
                sent + (live.sent_bytes if live else 0),
                received + (live.received_bytes if live else 0),
            )

    def connect(self) -> None:
        """Connect, if this is not connected; raises NoServer, BadProof and their kin.

        Who waits while another thread tries shares its failure: an address that never answers
        would cost the last of many waiting jobs minutes, and a stop as long.
        """
        tries = self._tries
        with self._lock:
            if self._closed.is_set():
                raise Disconnected("The connection was closed.")
            if self._transport is not None:
                return
            if self._tries != tries and self._failure is not None:
                raise self._failure
            self._open()

    def _open(self) -> None:
        transport = Transport(self._address, self._program, self._take, self._lost)
        try:
            transport.open()
        except BottegaError as error:
            self._failure = error
            raise
        finally:
            self._tries += 1
        self._transport, self._failure = transport, None
        self._known = True
        self._times += 1

    def close(self) -> None:
        """Hang up for good; who still waits is told so. Jobs that were accepted go on."""
        self._closed.set()
        with self._lock:
            transport = self._transport
        if transport is not None:
            transport.close()

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

    def _ask(self, question: AskOffers | AskQuote | AskResults, answer: type[R]) -> R:
        return self._mending(lambda: self._ask_once(question, answer))

    def _ask_once(self, question: AskOffers | AskQuote | AskResults, answer: type[R]) -> R:
        box: Box = queue.Queue()
        self._answers[question.request] = box
        try:
            self._send(question)
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
                self._mending(lambda: self._send(first), stop)
                yield from self._events(first, blobs, box, Stop(stop), sent)
        except (Disconnected, NoServer):
            if not stop.is_set():
                raise
            # There is no server to tell: the artist is not kept waiting for one.
            yield Cancelled(first.job)
        finally:
            self._stop_uploads(first.job)

    def outcome(self, job: bytes) -> Record:
        """The latest that is known of a job of this account."""
        with self._followers.box(job) as box:
            self._mending(lambda: self._send(Follow(job)))
            reply = answer_in(box)
        if isinstance(reply, Refused):
            raise Refusal(reply.code, reply.message, reply.remedy)
        return reply

    def acknowledge(self, job: bytes) -> None:
        """Tell that a result is placed. Nothing depends on it: it is not tried for long."""
        self._mending(lambda: self._send(Acknowledge(job)), waits=RETRY_SECONDS[:2])

    def call_off(self, job: bytes) -> None:
        """Have a job stopped that nobody follows any more; what it has painted was looked at."""
        self._mending(lambda: self._send(Cancel(job)))
        self.acknowledge(job)

    def _events(
        self,
        first: Submit | Follow,
        blobs: Mapping[bytes, bytes],
        box: queue.Queue[Any],
        stop: Stop,
        sent: Sent,
    ) -> Iterator[Record]:
        while True:
            if stop.now():
                self._mending(lambda: self._send(Cancel(first.job)), stop.wish)
            try:
                event = box.get(timeout=0.1)
            except queue.Empty:
                if stop.given_up():
                    yield Cancelled(first.job)
                    return
                continue
            if isinstance(event, Disconnected):
                self._mending(lambda: self._send(first), stop.wish)
                stop.forget()
            elif isinstance(event, int):
                sent(event)
            elif isinstance(event, Need) and isinstance(first, Submit):
                # Where the line is gone, the box says so next, and the submit is sent again.
                with suppress(Disconnected):
                    self._upload(event, blobs, box, stop)
            elif not isinstance(event, (Accepted, Need)):
                yield news_in(event)
            if isinstance(event, TERMINAL):
                return

    def _upload(
        self, need: Need, blobs: Mapping[bytes, bytes], box: queue.Queue[Any], stop: Stop
    ) -> None:
        done, line = 0, self._live()
        for sha256 in need.hashes:
            content = blobs[sha256]
            transfer = next(self._numbers)

            def read(
                offset: int, length: int, content: bytes = content, before: int = done
            ) -> bytes:
                # On the writing thread: the caller is told on his own.
                box.put(before + offset + length)
                return content[offset : offset + length]

            # On another line nobody has asked for these.
            if not self._uploads.begin(
                transfer, need.job, lambda: stop.wish.is_set() or self._transport is not line
            ):
                return
            line.send_blob(Announce(transfer, sha256, len(content)), read)
            done += len(content)

    def _stop_uploads(self, job: bytes) -> None:
        """The job has ended, perhaps by a cancel: nobody needs the rest of its pixels."""
        for transfer in self._uploads.of(job):
            self._uploads.end(transfer)
            self._stop_transfer(transfer, "the job has ended")

    def _stop_transfer(self, transfer: int, why: str) -> None:
        with suppress(Disconnected):
            stopped = Stopped(transfer, "not-wanted", why)
            self._live().with_session(lambda session: session.stop(stopped))

    # --- blobs -------------------------------------------------------------------------------

    def fetch(self, image: Image) -> bytes:
        """The bytes of a result's image; raises Refusal when they are not kept any more."""
        with self._fetching:
            return self._mending(lambda: self._fetch_once(image))

    def _fetch_once(self, image: Image) -> bytes:
        transfer = next(self._numbers)
        download = Download(image)
        self._downloads[transfer] = download
        try:
            self._send(Fetch(transfer, image.sha256))
            return download.wait()
        except BadTransfer:
            # One that only stands still would keep its place among the few that may be open.
            self._stop_transfer(transfer, "nobody waits for the rest")
            raise
        finally:
            self._downloads.pop(transfer, None)

    # --- the connection ----------------------------------------------------------------------

    def _live(self) -> Transport:
        with self._lock:
            if self._transport is None:
                raise Disconnected("There is no connection to the server.")
            return self._transport

    def _send(self, message: Record) -> None:
        self._live().send(message)

    def _mending(
        self,
        work: Callable[[], T],
        stop: threading.Event | None = None,
        waits: tuple[float, ...] | None = None,
    ) -> T:
        """Do something that may find the connection gone; then reconnect and do it again.

        Neither a client that is closed nor an artist who stops is kept waiting.
        """
        left = list(self._retries if waits is None else waits)
        while True:
            try:
                self.connect()
                return work()
            except (Disconnected, NoServer):
                stopped = stop is not None and stop.is_set()
                if stopped or self._closed.is_set() or not (left and self._known):
                    raise
            (stop or self._closed).wait(left.pop(0))

    def _lost(self, transport: Transport, error: BottegaError) -> None:
        with self._lock:
            if self._transport is not transport:
                return  # one that never got through its handshake: its caller knows
            sent, received = self._traffic
            self._traffic = (sent + transport.sent_bytes, received + transport.received_bytes)
            self._transport = None
            self._uploads.clear()
            boxes = [*self._answers.values(), *self._followers.everyone()]
        for box in boxes:
            box.put(error)
        for download in list(self._downloads.values()):
            download.fail(error)

    def _take(self, event: Event) -> None:
        """On the reading thread: hand an event to whoever waits for it."""
        if isinstance(event, (Announce, Chunk, Stopped, Stored)):
            self._take_transfer(event)
        elif hasattr(event, "job"):
            for box in self._followers.of(event.job):
                box.put(event)
        elif hasattr(event, "request"):
            answer = self._answers.get(event.request)
            if answer is not None:
                answer.put(event)

    def _take_transfer(self, event: Announce | Chunk | Stopped | Stored) -> None:
        download = self._downloads.get(event.transfer)
        if isinstance(event, (Announce, Chunk)):
            self._live().with_session(lambda session: receive(session, event, download))
            return
        job = self._uploads.end(event.transfer)
        if isinstance(event, Stopped):
            error = Refusal(event.code, event.message, event.remedy)
            for box in self._followers.of(job):
                box.put(error)
            if download is not None:
                download.fail(error)
