"""Blobs on the line: a job's pixels to the server, a result's back."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress

from bottega_protocol.codec import Chunk
from bottega_protocol.errors import BadTransfer, BottegaError, Refusal
from bottega_protocol.images import Image
from bottega_protocol.messages import Announce, Fetch, Need, Stopped, Stored
from bottega_protocol.transfers import MOST_TRANSFERS

from .download import Download, receive
from .line import Line
from .reports import Stopped as StoppedByArtist
from .transport import Disconnected
from .uploads import Uploads

Sent = Callable[[int], None]
"""Told how many bytes of the job's blobs have been handed to the connection."""


class Freight:
    """The transfers of one client. Any thread may call; `take` is for the reading one.

    `refused` is told the job whose pixels the server does not take, and why.
    """

    def __init__(self, line: Line, refused: Callable[[bytes, BottegaError], None]) -> None:
        self._line = line
        self._refused = refused
        self._numbers = itertools.count(1)
        self._downloads: dict[int, Download] = {}
        self._uploads = Uploads()
        self._fetching = threading.BoundedSemaphore(MOST_TRANSFERS)

    # --- to the server -----------------------------------------------------------------------

    def upload(
        self, need: Need, blobs: Mapping[bytes, bytes], sent: Sent, stop: threading.Event
    ) -> None:
        """Send what a job needs, as many blobs at a time as may be; `sent` on the writing thread.

        Ends early when the artist stops or the line breaks: on another nobody has asked for these.
        """
        done, live = 0, self._line.live()
        for sha256 in need.hashes:
            content = blobs[sha256]
            transfer = next(self._numbers)

            def read(
                offset: int, length: int, content: bytes = content, before: int = done
            ) -> bytes:
                sent(before + offset + length)
                return content[offset : offset + length]

            if not self._uploads.begin(
                transfer, need.job, lambda: stop.is_set() or not self._line.is_live(live)
            ):
                return
            live.send_blob(Announce(transfer, sha256, len(content)), read)
            done += len(content)

    def stop_uploads(self, job: bytes) -> None:
        """The job has ended, perhaps by a cancel: nobody needs the rest of its pixels."""
        for transfer in self._uploads.of(job):
            self._uploads.end(transfer)
            self._stop(transfer, "the job has ended")

    # --- from the server ---------------------------------------------------------------------

    def fetch(self, image: Image, stop: threading.Event | None = None) -> bytes:
        """The bytes of a result's image; raises Refusal when they are not kept any more.

        Where the line breaks it goes on behind what has come. Raises the artist's Stopped within a
        moment once `stop` is set.
        """
        download = Download(image)
        with self._fetching:
            return self._line.mending(lambda: self._fetch_once(image, download, stop), stop)

    def _fetch_once(self, image: Image, download: Download, stop: threading.Event | None) -> bytes:
        transfer = next(self._numbers)
        start = download.begin(transfer)
        self._downloads[transfer] = download
        try:
            self._line.send(Fetch(transfer, image.sha256, start))
            return download.wait(stop)
        except (BadTransfer, StoppedByArtist):
            # One that only stands still would keep its place among the few that may be open.
            self._stop(transfer, "nobody waits for the rest")
            raise
        finally:
            self._downloads.pop(transfer, None)

    # --- what the line brings ----------------------------------------------------------------

    def take(self, event: Announce | Chunk | Stopped | Stored) -> None:
        """On the reading thread: hand an event to the transfer that it is about."""
        download = self._downloads.get(event.transfer)
        if isinstance(event, (Announce, Chunk)):
            self._line.live().with_session(lambda session: receive(session, event, download))
            return
        job = self._uploads.end(event.transfer)
        if isinstance(event, Stopped):
            error = Refusal(event.code, event.message, event.remedy)
            self._refused(job, error)
            if download is not None:
                download.fail(error)

    def lost(self, error: BottegaError) -> None:
        """The line is gone, and with it all that was on its way."""
        self._uploads.clear()
        for download in list(self._downloads.values()):
            download.fail(error)

    def _stop(self, transfer: int, why: str) -> None:
        with suppress(Disconnected):
            stopped = Stopped(transfer, "not-wanted", why)
            self._line.live().with_session(lambda session: session.stop(stopped))
