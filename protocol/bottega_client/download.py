"""A blob on its way to an editor: filled on the reading thread, awaited on the caller's."""

from __future__ import annotations

import hashlib
import threading

from bottega_protocol.codec import Chunk
from bottega_protocol.errors import BadTransfer, BottegaError
from bottega_protocol.images import Image
from bottega_protocol.messages import Announce, Stopped
from bottega_protocol.session import ClientSession

from .reports import Stopped as StoppedByArtist

STILL_SECONDS = 60.0
"""How long a download may stand still."""

LOOK_UP = 0.1
"""Seconds after which who waits looks whether it still should."""


class Download:
    """The bytes of one image, over as many transfers as it takes: each goes on behind the last.

    `begin` and `wait` are for the caller, the other methods are called on the reading thread.
    """

    def __init__(self, image: Image) -> None:
        self._image = image
        self._content = bytearray()
        self._hash = hashlib.sha256()
        self._news = threading.Condition()
        self._error: BottegaError | None = None
        self._whole = False
        self._transfer = -1

    def begin(self, transfer: int) -> int:
        """It comes, or goes on, as this transfer; gives the offset from which on."""
        with self._news:
            self._transfer, self._error = transfer, None
            return len(self._content)

    def announced(self, session: ClientSession, announce: Announce) -> None:
        """Let it come, if it is what was asked for."""
        if (announce.sha256, announce.size) != (self._image.sha256, self._image.byte_count):
            session.stop(Stopped(announce.transfer, "not-wanted", "is not what was asked for"))
            self.fail(BadTransfer("The server announced another blob than it was asked for."))
        else:
            session.accept(announce, len(self._content))

    def arrived(self, session: ClientSession, chunk: Chunk) -> None:
        """Take a piece; the last one is followed by a look at the hash."""
        with self._news:
            if chunk.transfer != self._transfer:
                return  # of a line that broke: what it still brings comes again
            self._content += chunk.data
            self._hash.update(chunk.data)
        session.used(chunk.transfer, len(chunk.data))
        if session.complete(chunk.transfer):
            if self._hash.digest() != self._image.sha256:
                session.stop(Stopped(chunk.transfer, "wrong-hash", "the bytes have another hash"))
                self.fail(BadTransfer("The downloaded pixels do not have their hash."))
                return
            session.stored(chunk.transfer)
        with self._news:
            self._whole = len(self._content) == self._image.byte_count
            self._news.notify_all()

    def fail(self, error: BottegaError) -> None:
        """It will not come any more."""
        with self._news:
            self._error = error
            self._news.notify_all()

    def wait(self, stop: threading.Event | None = None) -> bytes:
        """The whole content; raises what went wrong, and Stopped once `stop` is set."""
        still, before = 0.0, -1
        with self._news:
            while not self._whole:
                if self._error is not None:
                    raise self._error
                if stop is not None and stop.is_set():
                    raise StoppedByArtist("Stopped.")
                still = 0.0 if len(self._content) != before else still + LOOK_UP
                before = len(self._content)
                if still >= STILL_SECONDS:
                    raise BadTransfer("The download stands still.", "Fetch it again.")
                self._news.wait(LOOK_UP)
        return bytes(self._content)


def receive(session: ClientSession, event: Announce | Chunk, download: Download | None) -> None:
    """Hand a piece to the download that waits for it; what nobody waits for is stopped."""
    if isinstance(event, Announce):
        if download is None:
            session.stop(Stopped(event.transfer, "not-wanted", "nobody waits for this blob"))
        else:
            download.announced(session, event)
    elif download is not None:
        download.arrived(session, event)
