"""A job whose result the disk does not take."""

import asyncio

import pytest
from fakes.orders import Order

from bottega_backend.server.ledger import Ledger
from bottega_backend.server.live import LiveJob
from bottega_backend.store.thread import Store


class Full(Store):
    """A store on a disk that never has room again."""

    def room(self, wanted=0):
        return min(0, wanted)


@pytest.mark.parametrize("tries", [-20, 20])
def test_a_stop_is_obeyed_while_there_is_no_room(tmp_path, tries):
    """While it stays full, and before it is looked at again."""
    asyncio.run(stopped(tmp_path, tries))


async def stopped(folder, tries):
    store = Full(folder)
    await store.open()
    kept = await store.call(store.journal.accept, "anna", Order().submit, 0)
    live = LiveJob(kept, 1, 0, put_off=tries)
    waiting = asyncio.create_task(Ledger(store).room(live))
    done, _ = await asyncio.wait({waiting}, timeout=0.2)
    assert not done
    live.stopping = True
    await asyncio.wait_for(waiting, 20)
    await store.close()
