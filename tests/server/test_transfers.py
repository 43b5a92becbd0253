"""What one connection leaves behind of its uploads and downloads."""

import asyncio

from bottega_backend.server.limits import Bounds
from bottega_backend.server.transfers import Transfers
from bottega_backend.settings import Limits
from bottega_backend.store.thread import Store
from bottega_protocol.messages import Announce
from bottega_protocol.session import ServerSession


def test_nothing_counts_on_when_the_disk_refuses_at_the_end(tmp_path):
    """The first upload that can't be put aside keeps neither the others nor their bytes."""
    asyncio.run(leave_two(tmp_path))


async def leave_two(folder):
    store, bounds = Store(folder), Bounds(Limits())
    await store.open()
    session = ServerSession(lambda _: None, "test")
    session.open = True
    transfers = Transfers("anna", session, store, bounds)
    for number in (1, 2):
        await transfers.announce(Announce(number, bytes([number]) * 32, 1000))
    assert bounds.uploads.total == 2000
    # Root may do everything: a file where a folder was is refused to him too.
    incoming = folder / "blobs" / "incoming"
    incoming.rename(folder / "elsewhere")
    incoming.write_text("")
    await transfers.close()
    assert bounds.uploads.total == 0
    await store.close()
