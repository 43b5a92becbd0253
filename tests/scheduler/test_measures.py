"""What the queue counts with: live budget, fading use, pace."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bottega_backend.scheduler.job import Job
from bottega_backend.scheduler.live_budget import LiveBudget
from bottega_backend.scheduler.pace import KEPT, Pace
from bottega_backend.scheduler.usage import HALF_LIFE, NOTHING, Usage, faded

PIECES = st.lists(st.tuples(st.floats(0.005, 1.5), st.floats(0.0, 0.4)), min_size=1, max_size=60)


@given(PIECES)
def test_live_pieces_have_half_of_any_second(pieces):
    """Each begins as soon as it may; a piece above half a second makes its second longer."""
    budget, now, had = LiveBudget(), 0.0, []
    for seconds, pause in pieces:
        now += pause
        while not budget.allows(now, seconds):
            now += 0.01
        had.append((now, now + seconds))
        now += seconds
        budget.spent(seconds, now)
    for _, end in had:
        inside = [(max(one, end - 1.0), two) for one, two in had if two > end - 1.0 and two <= end]
        longest = max(two - one for one, two in inside)
        if longest <= 0.5:
            assert sum(two - one for one, two in inside) <= 0.5 + 1e-6


def test_a_long_live_piece_is_followed_by_as_long_for_others():
    """Three seconds at once: then three of somebody else's."""
    budget = LiveBudget()
    budget.spent(3.0, 3.0)
    assert not budget.allows(5.9, 3.0)
    assert budget.allows(6.0, 3.0)


def test_use_halves_in_its_half_life_and_is_forgotten():
    """A clock that was set back lets nothing grow."""
    now = [0.0]
    usage = Usage(lambda: now[0])
    usage.charge("ada", 8.0)
    now[0] = 2 * HALF_LIFE
    usage.charge("ada", 1.0)
    assert usage.of("ada") == pytest.approx(3.0)
    assert usage.everybody() == {"ada": pytest.approx(3.0)}
    now[0] = 60 * HALF_LIFE
    assert usage.of("ada") < NOTHING
    assert usage.everybody() == {}
    assert faded(-5.0) == 1.0


def test_the_pace_is_the_median_of_a_kinds_latest_jobs():
    """One that was held up tells nothing; another kind is told from all; work scales."""
    pace = Pace()
    assert pace.expects(Job(1, "a", "m")) is None
    for seconds in (2.0, 2.0, 100.0):
        pace.took(Job(1, "a", "m", work=2.0, kind="k"), seconds)
    assert pace.expects(Job(2, "a", "m", work=10.0, kind="k")) == pytest.approx(10.0)
    assert pace.expects(Job(2, "a", "m", work=1.0, kind="other")) == pytest.approx(1.0)
    for _ in range(KEPT):
        pace.took(Job(1, "a", "m", work=2.0, kind="k"), 8.0)
    assert pace.expects(Job(2, "a", "m", work=1.0, kind="k")) == pytest.approx(4.0)
