"""The store's clock: nobody's setting of the computer's makes it jump or stand still."""

import asyncio

import pytest
from fakes.orders import Order

from bottega_backend.settings import Keeping
from bottega_backend.store.clock import MOST_OFF, Clock, ticks
from bottega_backend.store.thread import Store
from bottega_protocol.messages import Cancelled

MONTH = 30 * 86_400.0
NOW = 1_800_000_000.0


class Computer:
    """A wall clock that can be set, and ticks that can't."""

    def __init__(self):
        self.set = 0.0
        self.passed = 0.0

    def wall(self):
        return NOW + self.passed + self.set

    def tick(self):
        return self.passed

    def clock(self, kept=None):
        return Clock(kept, self.wall, self.tick)


@pytest.mark.parametrize("jump", [MONTH, -MONTH])
def test_setting_the_computers_clock_changes_nothing_while_a_server_runs(jump):
    """It ticks with the machine."""
    computer = Computer()
    clock = computer.clock()
    computer.set, computer.passed = jump, 60.0
    assert clock.now() == NOW + 60.0


def test_time_without_a_server_counts_for_half_a_day_at_most():
    """An hour is an hour; a month may be a clock that was set forward."""
    for off, counts in ((3600.0, 3600.0), (MONTH, MOST_OFF), (-MONTH, 0.0)):
        computer = Computer()
        computer.set = off
        assert computer.clock(NOW).now() == NOW + counts


def test_it_never_goes_back():
    """Through servers that come and go, whatever is set between them."""
    computer, kept = Computer(), None
    shown = []
    for jump in (0.0, MONTH, -MONTH, -2 * MONTH, MONTH):
        computer.set = jump
        clock = computer.clock(kept)
        computer.passed += 100.0
        kept = clock.now()
        shown.append(kept)
    assert shown == sorted(shown)
    assert shown[-1] - shown[0] <= 4 * 100.0 + 2 * MOST_OFF


def test_the_machines_ticks_go_on():
    """Whichever clock it has."""
    assert ticks() <= ticks()


@pytest.mark.parametrize("jump", [MONTH, -MONTH])
def test_nothing_goes_when_the_clock_is_set_between_two_servers_and_back(tmp_path, jump):
    """A job's row, its pixels and an upload that broke off; what is really old does go."""
    order = Order()
    skew = [0.0]

    async def served(use):
        store = Store(tmp_path / "data", wall=lambda: NOW + skew[0])
        await store.open()
        try:
            return await store.call(use, store)
        finally:
            await store.close()

    def fill(store):
        for sha256, content in order.blobs.items():
            upload = store.blobs.begin("local", sha256)
            upload.add(content)
            upload.finish()
        part = store.blobs.begin("local", bytes(32))
        part.add(b"half")
        part.leave()
        kept = store.journal.accept("local", order.submit, 1)
        store.journal.end(kept.number, 0, Cancelled(order.job))

    asyncio.run(served(fill))
    for skew[0] in (0.0, jump, 0.0):
        swept = asyncio.run(served(lambda store: store.sweep(Keeping())))
        assert (swept.jobs, swept.files) == (0, 0)
    for day in range(30):  # a server that is started every day
        skew[0] = day * 2 * MOST_OFF
        swept = asyncio.run(served(lambda store: store.sweep(Keeping())))
    assert asyncio.run(served(lambda store: store.journal.find("local", order.job))) is None
