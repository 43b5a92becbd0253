"""Thousands of jobs on a counted clock: who waits for whom, and for how long."""

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from scheduler.floor import BASE, LOADING, ROW, Floor

from bottega_backend.scheduler.batching import MOST_ROWS
from bottega_backend.scheduler.usage import LEAD

FORWARD = BASE + ROW * MOST_ROWS
"""Seconds of the longest forward that there is here."""

STEPS = st.integers(1, 60)

QUICK = settings(deadline=None, phases=[Phase.generate])
"""A simulated hour is not worth shrinking: the first example is short enough to be read."""


@settings(QUICK, max_examples=40)
@given(STEPS, STEPS, st.floats(0.0, 60.0))
def test_one_job_waits_for_one_step_of_a_hundred_of_anothers(hundreds, ones, comes):
    """Of the same model it joins at the next step, however full the worker is."""
    floor = Floor()
    floor.bring("crowd", hundreds, 100)
    (one,) = floor.bring("one", ones, arrives=comes)
    floor.run()
    assert one.waited <= 2 * FORWARD + 1e-9


@settings(QUICK, max_examples=40)
@given(STEPS, STEPS, st.floats(0.0, 60.0))
def test_one_job_of_another_model_waits_for_what_runs_and_nothing_more(hundreds, ones, comes):
    """Nobody begins before it any more; what runs then shares forwards, and ends together."""
    floor = Floor()
    crowd = floor.bring("crowd", hundreds, 100)
    (one,) = floor.bring("one", ones, model="other", arrives=comes)
    floor.run()
    overtaking = [other for other in crowd if one.arrives < other.begun < one.begun]
    assert not [other for other in overtaking if other.begun > one.arrives + FORWARD + LOADING]
    assert one.waited <= hundreds * FORWARD + FORWARD + 2 * LOADING + 1e-9


def test_who_had_little_lately_is_always_next():
    """One job at a time beside an artist's hundred: each of them begins at once."""
    floor = Floor()
    floor.bring("crowd", 40, 100)
    singles = [floor.bring("one", 10, arrives=5.0 * n)[0] for n in range(1, 20)]
    floor.run()
    assert max(one.waited for one in singles) <= 2 * FORWARD + 1e-9


def jain(values):
    """Jain's index of fairness: 1 where all are equal, 1/n where one has everything."""
    return sum(values) ** 2 / (len(values) * sum(value * value for value in values))


@settings(QUICK, max_examples=15)
@given(st.lists(st.tuples(STEPS, st.integers(1, 4)), min_size=2, max_size=5), st.booleans())
def test_artists_who_always_have_jobs_get_equal_time(artists, same):
    """Whatever the length of their jobs, and whether those can share forwards."""
    floor = Floor()
    for number, (steps, rows) in enumerate(artists):
        signature = "alike" if same else str(number)
        floor.bring(f"artist {number}", steps, 6000 // steps, rows=rows, signature=signature)
    floor.run(180.0)
    had = [floor.seconds(60.0, 180.0).get(f"artist {n}", 0.0) for n in range(len(artists))]
    if same:  # Who has fewer rows than his share of the forwards can't use it up.
        assert min(had) > 0
    else:
        assert jain(had) >= 0.95


def test_most_forwards_carry_rows_of_two_artists():
    """Compatible jobs of different artists merge, though each could fill the device alone."""
    floor = Floor()
    floor.bring("one", 20, 100)
    floor.bring("two", 20, 100)
    floor.run()
    shared = [f for f in floor.forwards if len({one.job.account for one in f.paintings}) > 1]
    assert len(shared) > 0.95 * len(floor.forwards)


WORK = st.tuples(
    st.sampled_from(["x", "y", "z"]),
    STEPS,
    st.integers(1, 16),
    st.sampled_from(["m", "n"]),
    st.booleans(),
    st.floats(0.0, 30.0),
)


@settings(QUICK, max_examples=60)
@given(st.lists(WORK, min_size=1, max_size=40))
def test_everybody_is_served(works):
    """Whoever comes with whatever: every job begins and ends, and the device never rests."""
    floor = Floor()
    for account, steps, rows, model, live, comes in works:
        floor.bring(account, steps, rows=rows, model=model, live=live, arrives=comes)
    floor.run()
    assert all(one.ended is not None for one in floor.paintings.values())
    assert floor.queue.waiting == ()


@pytest.mark.parametrize("model", ["m", "other"])
def test_nobody_starves_behind_those_who_come_new(model):
    """Every half minute another artist comes with an hour's work, and had nothing before."""
    floor = Floor()
    floor.bring("early", 100, 20, model=model)
    for number in range(30):
        floor.bring(f"late {number}", 200, 50, arrives=30.0 * number, signature=str(number))
    floor.run(900.0)
    early = [one for one in floor.paintings.values() if one.job.account == "early"]
    begun = [one for one in early if one.begun is not None]
    assert len(begun) > 1, "the first of all waits for ever"


def test_who_worked_all_night_waits_for_a_minute_of_anothers_at_most():
    """What he had counts, up to LEAD; then they take turns."""
    floor = Floor()
    floor.bring("night", 100, 100)
    floor.run()
    morning = floor.now
    floor.bring("day", 20, 400, arrives=morning, model="other")
    (again,) = floor.bring("night", 20, arrives=morning + 1.0)
    floor.run()
    assert again.waited <= LEAD + 20 * FORWARD + 2 * LOADING


def frames(floor, every, count, **fields):
    """A live artist's previews: one each so many seconds."""
    return [
        floor.bring("live", 4, arrives=every * n, live=True, **fields)[0] for n in range(1, count)
    ]


@settings(QUICK, max_examples=30)
@given(st.floats(0.02, 1.0), st.integers(1, 8), st.booleans())
def test_live_previews_have_half_of_any_second_at_most(every, rows, alike):
    """While others wait: the rest of every second is theirs, however many previews come."""
    floor = Floor()
    floor.bring("others", 500, 40, signature="alike" if alike else "other")
    frames(floor, every, 60, rows=rows)
    floor.run(40.0)
    contended = [forward for forward in floor.forwards if forward.waiting and forward.live]
    for forward in contended:
        since = forward.end - 1.0
        inside = [f for f in floor.forwards if f.end > since and f.end <= forward.end]
        live = sum(f.live * (f.end - max(f.begin, since)) / (f.end - f.begin) for f in inside)
        assert live <= 0.5 + 1e-6


def test_a_live_preview_runs_before_everything():
    """Beside four artists' backlog each of its steps is the next."""
    floor = Floor()
    for number in range(4):
        floor.bring(f"artist {number}", 100, 20, signature=str(number))
    live = frames(floor, 1.0, 30)
    floor.run(40.0)
    took = [one.ended - one.arrives for one in live]
    assert max(took) <= 5 * FORWARD + 1e-9


def test_live_previews_do_not_keep_another_model_out():
    """They share the worker with its jobs; they do not hold it for themselves."""
    floor = Floor()
    frames(floor, 0.1, 400)
    (other,) = floor.bring("other", 10, model="other", arrives=5.0)
    floor.run(60.0)
    assert other.waited <= 2.0 + 2 * LOADING


def test_a_forecast_is_right_where_jobs_are_as_long_as_told():
    """After the first of them: the median of the errors is a few hundredths of the wait."""
    floor = Floor(telling=True)
    floor.bring("one", 20, 4)
    floor.run()
    errors = []
    later = [("one", 20, 30, 0), ("two", 35, 20, 3), ("three", 10, 40, 6)]
    for account, steps, count, after in later:
        floor.bring(account, steps, count, arrives=floor.now + after)
    floor.run()
    for one in list(floor.paintings.values())[4:]:
        when, told = one.told[0]
        errors.append(abs(one.begun - when - told.wait) / max(1.0, one.begun - when))
    assert sorted(errors)[len(errors) // 2] <= 0.3
