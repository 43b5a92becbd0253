"""The blobs that come and go over one connection."""

from __future__ import annotations

from contextlib import suppress
from typing import BinaryIO

from bottega_backend.errors import StoreFailed
from bottega_backend.store.blobs import Upload
from bottega_backend.store.holdings import NOTHING
from bottega_backend.store.thread import Store
from bottega_protocol.codec import Chunk
from bottega_protocol.errors import BadTransfer, BottegaError, Refusal
from bottega_protocol.images import MOST_PIXELS
from bottega_protocol.messages import Announce, Fetch, Stopped, Stored
from bottega_protocol.session import ServerSession

from .limits import Bounds

MOST_BYTES = MOST_PIXELS * 16
"""The largest blob: the largest rectangle in four 32-bit channels."""

MARGIN = 64 * 2**20
"""Bytes of the disk that are left alone: the journal has to go on when blobs can't."""


class Transfers:
    """Uploads into the account's own store, and downloads from it."""

    def __init__(self, account: str, session: ServerSession, store: Store, bounds: Bounds) -> None:
        self._account = account
        self._bounds = bounds
        self._session = session
        self._store = store
        self._uploads: dict[int, tuple[Announce, Upload]] = {}
        self._downloads: dict[int, tuple[bytes, BinaryIO]] = {}

    # --- uploads -----------------------------------------------------------------------------

    async def announce(self, announce: Announce) -> bool:
        """Let a blob come; True where it is here already. Raises Refusal when it can't be taken."""
        if not 0 < announce.size <= MOST_BYTES:
            raise Refusal("too-many-pixels", f"A blob of {announce.size} bytes.", "Select less.")
        self._bounds.begin_upload(self._account, announce.size)
        try:
            upload = await self._store.call(self._begin, announce)
        except BaseException:
            self._bounds.end_upload(self._account, announce.size)
            raise
        if upload is None:
            self._bounds.end_upload(self._account, announce.size)
            self._session.send(Stored(announce.transfer))
            return True
        self._uploads[announce.transfer] = (announce, upload)
        self._session.accept(announce, upload.size)
        return False

    def _begin(self, announce: Announce) -> Upload | None:
        """On the store thread: an upload, new or gone on with; nothing where the blob is there."""
        if self._store.blobs.size(self._account, announce.sha256) == announce.size:
            self._store.blobs.used(self._account, announce.sha256)
            return None
        # One that can never fit makes no room: nothing of the artist's goes for it.
        self._bounds.check_kept(self._account, NOTHING, announce.size)
        held = self._store.held(self._account, self._bounds.kept(self._account, announce.size))
        self._bounds.check_kept(self._account, held, announce.size)
        wanted = announce.size + MARGIN
        if self._store.room(wanted) < wanted:
            raise Refusal("no-room", "The server's disk is full.", "Free some space there.")
        self._store.holdings.coming(self._account, size=announce.size)
        upload = self._store.blobs.begin(self._account, announce.sha256)
        if upload.size < announce.size:
            return upload
        # All of it had come when its server was killed: the other end has nothing more to send.
        with suppress(Refusal):
            upload.finish()
            return None
        return self._store.blobs.begin(self._account, announce.sha256)

    async def take(self, chunk: Chunk) -> bytes | None:
        """Put a piece away; gives the blob's hash when it was the last and all is well."""
        announce, upload = self._uploads[chunk.transfer]
        try:
            await self._store.call(upload.add, chunk.data)
            self._session.used(chunk.transfer, len(chunk.data))
            if not self._session.complete(chunk.transfer):
                return None
            await self._store.call(upload.finish)
        except BottegaError as error:
            await self._drop(chunk.transfer)
            self._session.stop(_stopped(chunk.transfer, error))
            return None
        self._forget(chunk.transfer)
        self._session.stored(chunk.transfer)
        return announce.sha256

    # --- downloads ---------------------------------------------------------------------------

    async def fetch(self, fetch: Fetch) -> None:
        """Offer a blob of this account; raises Refusal where it has none with this hash."""
        if fetch.transfer in self._uploads or fetch.transfer in self._downloads:
            raise BadTransfer(f"transfer {fetch.transfer} is under way already")
        size = await self._store.call(self._store.blobs.size, self._account, fetch.sha256)
        if size is None:
            raise Refusal("unknown-blob", "There is no such blob.", "Its job may be too old.")
        file = await self._store.call(self._open, fetch.sha256)

        # Read on the event loop: a piece is 256 KiB, as a rule from the page cache.
        def read(offset: int, length: int) -> bytes:
            file.seek(offset)
            return file.read(length)

        self._downloads[fetch.transfer] = (fetch.sha256, file)
        self._session.send_blob(Announce(fetch.transfer, fetch.sha256, size), read)

    def _open(self, sha256: bytes) -> BinaryIO:
        return self._store.blobs.path(self._account, sha256).open("rb")

    # --- endings -----------------------------------------------------------------------------

    async def stored(self, stored: Stored) -> None:
        """The other end has the whole of a download."""
        sha256, file = self._downloads.pop(stored.transfer, (b"", None))
        if file is not None:
            file.close()
            await self._store.call(self._store.journal.fetched, self._account, sha256)

    async def stopped(self, stopped: Stopped) -> None:
        """The other end has given a transfer up."""
        await self._drop(stopped.transfer)

    async def close(self) -> None:
        """The connection is gone: what has come waits for another one that goes on with it."""
        uploads = [upload for transfer in list(self._uploads) if (upload := self._forget(transfer))]
        for _, file in self._downloads.values():
            file.close()
        self._downloads.clear()
        for upload in uploads:
            # What a disk that refuses can't keep comes again.
            with suppress(StoreFailed):
                await self._store.call(upload.leave)

    def _forget(self, transfer: int) -> Upload | None:
        """An upload has ended: it counts no more. Nothing where there is none."""
        announce, upload = self._uploads.pop(transfer, (None, None))
        if announce is not None:
            self._bounds.end_upload(self._account, announce.size)
        return upload

    async def _drop(self, transfer: int) -> None:
        upload = self._forget(transfer)
        if upload is not None:
            await self._store.call(upload.drop)
        _, file = self._downloads.pop(transfer, (None, None))
        if file is not None:
            file.close()


def _stopped(transfer: int, error: BottegaError) -> Stopped:
    return Stopped(transfer, error.code, error.message[:2000], error.remedy[:2000])
