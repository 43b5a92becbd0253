"""Small pictures of kept results, picked from their pixels on disk."""

from __future__ import annotations

import mmap

from bottega_backend.store.thread import Store
from bottega_protocol.errors import Refusal
from bottega_protocol.images import Image
from bottega_protocol.messages import AskPicture, Finished, SmallPicture
from bottega_protocol.thumbnails import sampled

from .house import House
from .visit import Visit


async def ask_picture(house: House, visit: Visit, message: AskPicture) -> None:
    """Show a kept job of this account; raises Refusal where it has none, or it shows nothing."""
    picture = await house.store.call(_picture, house.store, visit.account, message)
    visit.outbox.send(SmallPicture(message.request, *picture))


def _picture(store: Store, account: str, message: AskPicture) -> tuple[int, int, bytes]:
    """On the store's thread: that of the lowest layer of the first variation."""
    kept = store.journal.find(account, message.job)
    if kept is None:
        raise Refusal("unknown-job", "There is no such job.", "It may be too old to be kept.")
    if not isinstance(kept.answer, Finished) or not kept.answer.result.layers:
        raise Refusal("no-picture", "This job has no result.")
    image = kept.answer.result.layers[0].pixels
    if store.blobs.size(account, image.sha256) != image.byte_count:
        raise Refusal("unknown-blob", "The result is kept no more.", "Its job is too old.")
    return _sampled(store, account, image, message.side)


def _sampled(store: Store, account: str, image: Image, side: int) -> tuple[int, int, bytes]:
    """Mapped: of a large picture only the rows that are picked are read."""
    with (
        store.blobs.path(account, image.sha256).open("rb") as file,
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
        memoryview(content) as seen,
    ):
        return sampled(image, seen, side)
