"""Whoever fails to prove himself waits, longer each time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bottega_backend.server.backoff import (
    FIRST_SECONDS,
    FORGOTTEN_SECONDS,
    FREE,
    MOST_ADDRESSES,
    MOST_SECONDS,
    Backoff,
    is_own,
)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self):
        self.time = 1000.0

    def __call__(self):
        return self.time


def failing(times, address="192.0.2.7"):
    clock = Clock()
    backoff = Backoff(clock)
    for _ in range(times):
        backoff.failed(address)
    return backoff, clock


def test_a_few_slips_cost_nothing():
    """A token pasted wrong, an invitation that was used."""
    backoff, _ = failing(FREE - 1)
    assert backoff.wait("192.0.2.7") == 0


@given(st.integers(FREE, 100))
def test_each_failure_doubles_the_wait_up_to_a_limit(times):
    """And the limit is half a minute."""
    backoff, _ = failing(times)
    assert backoff.wait("192.0.2.7") == min(MOST_SECONDS, FIRST_SECONDS * 2 ** (times - FREE))


def test_others_do_not_wait():
    """An address pays for itself only."""
    backoff, _ = failing(50)
    assert backoff.wait("192.0.2.8") == 0


def test_the_wait_passes_and_is_forgotten():
    """After it the next failure goes on where it was; after a quarter of an hour it is new."""
    backoff, clock = failing(FREE + 2)
    clock.time += 4.0
    assert backoff.wait("192.0.2.7") == 0
    backoff.failed("192.0.2.7")
    assert backoff.wait("192.0.2.7") == 8.0
    clock.time += FORGOTTEN_SECONDS + 1
    backoff.failed("192.0.2.7")
    assert backoff.wait("192.0.2.7") == 0


@pytest.mark.parametrize(
    ("remote", "local", "own"),
    [
        (("127.0.0.9", 5), ("127.0.0.1", 8765), True),
        (("::1", 5, 0, 0), ("::1", 8765, 0, 0), True),
        (("::ffff:127.0.0.1", 5, 0, 0), ("::ffff:192.0.2.1", 8765, 0, 0), True),
        (("192.0.2.1", 5), ("192.0.2.1", 8765), True),
        (("2001:db8::1", 5, 0, 0), ("2001:db8::1", 8765, 0, 0), True),
        (("192.0.2.7", 5), ("192.0.2.1", 8765), False),
        (("2001:db8::7", 5, 0, 0), ("2001:db8::1", 8765, 0, 0), False),
        (None, None, False),
    ],
)
def test_the_servers_own_machine_is_known(remote, local, own):
    """Another user of it must not lock its owner out, whichever way both of them come."""
    assert is_own(remote, local) is own


def test_it_remembers_so_many_addresses_only():
    """The ones that failed last: a network full of strangers costs no memory."""
    backoff, _ = failing(FREE)
    for number in range(MOST_ADDRESSES):
        backoff.failed(f"2001:db8::{number:x}/64")
    assert backoff.wait("192.0.2.7") == 0
    assert len(backoff._failures) == MOST_ADDRESSES
