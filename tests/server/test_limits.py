"""How much one artist and one address may have: the arithmetic, with a clock of our own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bottega_backend.server.limits import MOST_KEYS, Bounds, Meter, Tally, address_of
from bottega_backend.settings import QUOTAS, Limits
from bottega_backend.store.holdings import Held
from bottega_protocol.errors import Refusal


class Clock:
    """Stands still until it is set."""

    time = 0.0

    def __call__(self):
        return self.time


@given(
    st.lists(st.floats(0, 3), min_size=1, max_size=60),
    st.floats(0.5, 50),
    st.floats(0.1, 5),
)
def test_a_meter_lets_no_more_through_than_rate_and_burst(waits, rate, burst):
    """However the calls come: in any stretch of time at most burst + time, times the rate."""
    clock = Clock()
    meter = Meter(clock)
    passed = []
    for wait in waits:
        clock.time += wait
        if meter.allow("one", rate, burst):
            passed.append(clock.time)
    for first, begin in enumerate(passed):
        for last, end in enumerate(passed[first:], 1):
            assert last <= rate * (end - begin + burst) + 1e-6


def test_a_meter_keeps_addresses_apart_and_recovers():
    """One that has used its burst waits, another does not; a second later it has one more."""
    clock = Clock()
    meter = Meter(clock)
    assert [meter.allow("one", 2, 1) for _ in range(3)] == [True, True, False]
    assert meter.allow("other", 2, 1)
    clock.time = 0.5
    assert [meter.allow("one", 2, 1) for _ in range(2)] == [True, False]


def test_whoever_is_too_fast_is_told_how_long_to_wait():
    """Nothing is refused; the debt grows by a message each, and is paid off by waiting."""
    clock = Clock()
    meter = Meter(clock)
    delays = [meter.delay("one", 10, 0.5) for _ in range(8)]
    assert delays == pytest.approx([0, 0, 0, 0, 0, 0.1, 0.2, 0.3])
    clock.time = 10
    assert meter.delay("one", 10, 0.5) == 0


def test_a_meter_forgets_those_at_rest():
    """Many addresses, one after the other, leave nothing behind."""
    clock = Clock()
    meter = Meter(clock)
    for number in range(10 * MOST_KEYS):
        clock.time += 1
        meter.allow(str(number), 2, 1)
    assert len(meter._due) <= MOST_KEYS + 1


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 9)), max_size=30))
def test_a_tally_is_empty_when_all_is_given_back(taken):
    """Whatever was taken, in whatever order."""
    tally = Tally()
    for key, amount in taken:
        tally.take(key, amount)
    assert tally.total == sum(amount for _, amount in taken)
    for key, amount in reversed(taken):
        tally.give_back(key, amount)
    assert (tally.total, dict(tally._held)) == (0, {})


@pytest.mark.parametrize(
    ("remote", "address"),
    [
        (("192.0.2.7", 4000), "192.0.2.7"),
        (("2001:db8:1:2:aaaa::1", 4000, 0, 0), "2001:0db8:0001:0002::/64"),
        (("2001:db8:1:2:bbbb::2", 4000, 0, 0), "2001:0db8:0001:0002::/64"),
        (("::ffff:192.0.2.7", 4000, 0, 0), "192.0.2.7"),
        (("fe80::1%eth0", 4000, 0, 2), "fe80:0000:0000:0000::/64"),
        (None, "unknown"),
    ],
)
def test_an_address_of_ipv6_is_its_network(remote, address):
    """One machine has 2^64 of them."""
    assert address_of(remote) == address


def test_uploads_count_until_they_end():
    """A gigabyte each; the fifth waits until one has come."""
    bounds = Bounds(Limits(uploads=4))
    for _ in range(4):
        bounds.begin_upload("one", 10**9)
    with pytest.raises(Refusal) as caught:
        bounds.begin_upload("one", 10**9)
    assert caught.value.code == "over-limit"
    assert caught.value.remedy
    bounds.begin_upload("other", 10**9)
    bounds.end_upload("one", 10**9)
    bounds.begin_upload("one", 10**9)


def test_an_artists_quota_is_asked_each_time():
    """It may be changed while the server runs, and is nobody else's."""
    quotas = {"one": {"uploads": 0.5}}
    bounds = Bounds(Limits(), lambda account: quotas.get(account, {}))
    assert (bounds.of("one").uploads, bounds.of("other").uploads) == (0.5, 4)
    quotas["one"] = {"jobs": 3.0}
    assert (bounds.of("one").uploads, bounds.of("one").jobs) == (4, 3)
    assert isinstance(bounds.of("one").jobs, int)


@pytest.mark.parametrize("quota", [{"sockets": 3}, {"jobs": 0}, {"jobs": 1.5}, {"jobs": True}])
def test_a_quota_that_is_none_is_refused(quota):
    """Limits of the whole server and of addresses are no artist's."""
    with pytest.raises(ValueError, match=next(iter(quota))):
        Limits().of_artist(quota)


def test_every_quota_can_be_set():
    """Each changes that limit alone."""
    for name in QUOTAS:
        changed = Limits().of_artist({name: 7})
        assert {key for key in vars(changed) if vars(changed)[key] != vars(Limits())[key]} == {name}


def test_what_is_kept_of_an_artist_has_an_end():
    """In jobs and in bytes."""
    bounds = Bounds(Limits(kept_jobs=5, kept_gigabytes=1))
    bounds.check_kept("one", Held(4, 10**9))
    bounds.check_kept("one", Held(5, 10**8), size=9 * 10**8)
    for held, size in ((Held(5, 0), 0), (Held(0, 10**9 + 1), 0), (Held(0, 10**9), 1)):
        with pytest.raises(Refusal) as caught:
            bounds.check_kept("one", held, size)
        assert caught.value.code == "over-limit"
