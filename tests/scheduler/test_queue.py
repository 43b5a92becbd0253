"""The queue: whatever is admitted, withdrawn, finished or returned, and when."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bottega_backend.scheduler.batching import MOST_OF_ONE, MOST_RESIDENT, MOST_ROWS, fits
from bottega_backend.scheduler.job import Job
from bottega_backend.scheduler.queue import STALE, TurnsQueue
from bottega_backend.scheduler.usage import HALF_LIFE, LEAD
from bottega_protocol.images import MOST_PIXELS


def jobs(count, model="a", **fields):
    return [Job(number, "artist", model, **fields) for number in range(1, count + 1)]


class Clock:
    """Seconds that pass when told."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def queue_of(*admitted, workers=1, clock=None):
    queue = TurnsQueue(clock or Clock(), workers)
    for job in admitted:
        queue.admit(job)
    return queue


FULL = 4
"""Jobs of two rows that fill a forward."""


def numbers(placements):
    return [entry.job.number for entry in placements]


def test_jobs_of_one_model_share_a_worker_up_to_its_cap():
    """The rest waits, in order."""
    queue = queue_of(*jobs(FULL + 2))
    assert numbers(queue.place([0])) == list(range(1, FULL + 1))
    assert queue.place([0]) == []
    queue.finished(2, well=True)
    assert numbers(queue.place([0])) == [FULL + 1]


def test_another_model_waits_for_the_worker_and_holds_up_those_behind_it():
    """Whose turn it is is not overtaken."""
    queue = queue_of(Job(1, "x", "a"), Job(2, "x", "b"), Job(3, "x", "a"))
    assert numbers(queue.place([0])) == [1]
    assert queue.place([0]) == []
    queue.finished(1, well=True)
    assert numbers(queue.place([0])) == [2]


def test_two_workers_take_what_one_cannot():
    """Each model its own; jobs of one model go to the emptier worker."""
    queue = queue_of(
        Job(1, "x", "a"), Job(2, "x", "b"), *[Job(n, "x", "a") for n in (3, 4)], workers=2
    )
    placed = queue.place([0, 1])
    assert [(entry.job.number, entry.worker) for entry in placed] == [
        (1, 0),
        (2, 1),
        (3, 0),
        (4, 0),
    ]
    queue = queue_of(*jobs(4), workers=2)
    assert [entry.worker for entry in queue.place([0, 1])] == [0, 1, 0, 1]


def test_a_job_whose_worker_died_comes_first_again_and_runs_alone():
    """It keeps its place; nobody joins it."""
    queue = queue_of(*jobs(3))
    queue.place([0])
    queue.returned(2, alone=True)
    queue.finished(1, well=False)
    queue.finished(3, well=False)
    queue.admit(Job(4, "artist", "a"))
    assert numbers(queue.place([0])) == [2]
    assert queue.place([0]) == []
    queue.finished(2, well=True)
    assert numbers(queue.place([0])) == [4]


def test_a_withdrawn_job_is_never_placed():
    """One that runs can't be withdrawn, nor one that is unknown."""
    queue = queue_of(*jobs(2))
    assert queue.withdraw(1)
    assert not queue.withdraw(1)
    assert numbers(queue.place([0])) == [2]
    assert not queue.withdraw(2)


def test_the_artist_who_had_least_lately_is_next():
    """Not who came first; what his running job will have had counts already."""
    clock = Clock()
    queue = queue_of(Job(1, "x", "a"), clock=clock)
    queue.place([0])
    queue.worked(5.0, {1: 5.0})
    queue.finished(1, well=True)
    for job in (Job(2, "x", "a", alone=True), Job(3, "y", "a", alone=True)):
        queue.admit(job)
    queue.admit(Job(4, "y", "a", alone=True))
    assert numbers(queue.place([0])) == [3]
    queue.finished(3, well=False)
    assert numbers(queue.place([0])) == [4], "as y had nothing yet"
    queue.worked(6.0, {4: 6.0})
    queue.finished(4, well=True)
    queue.admit(Job(5, "y", "a", alone=True))
    assert numbers(queue.place([0])) == [2]


def test_what_somebody_had_fades():
    """An hour later it counts for nothing."""
    clock = Clock()
    queue = queue_of(*jobs(1), clock=clock)
    queue.place([0])
    queue.worked(100.0, {1: 100.0})
    assert queue.had("artist") == 100.0
    clock.now = HALF_LIFE
    assert queue.had("artist") == pytest.approx(50.0)
    clock.now = 3600.0
    assert queue.had("artist") < 0.1


def test_who_comes_stands_within_reach_of_the_others():
    """Neither weeks without a job nor a night full of them count for more than a minute."""
    clock = Clock()
    queue = queue_of(Job(1, "x", "a"), clock=clock)
    queue.place([0])
    queue.worked(500.0, {1: 500.0})
    queue.admit(Job(2, "y", "a"))
    assert queue.had("y") == pytest.approx(500.0 - LEAD)
    queue.withdraw(2)
    queue.finished(1, well=True)
    queue.admit(Job(3, "z", "a"))
    queue.admit(Job(4, "x", "a"))
    assert queue.had("x") == pytest.approx(LEAD)


def test_live_previews_come_first_and_join_a_full_worker():
    """Of the same model; of another they are next."""
    live = Job(9, "y", "a", live=True)
    queue = queue_of(*jobs(6), live)
    assert numbers(queue.place([0])) == [9, 1, 2, 3, 4]
    queue = queue_of(*jobs(6))
    queue.place([0])
    queue.admit(Job(8, "y", "b", live=True))
    assert queue.place([0]) == []
    for number in (1, 2, 3, 4):
        queue.finished(number, well=True)
    assert numbers(queue.place([0])) == [8]


def test_an_artist_who_has_nothing_there_joins_a_full_worker():
    """With one job: it begins at the next step, not behind somebody's whole picture."""
    queue = queue_of(*jobs(6), Job(7, "y", "a"), Job(8, "y", "a"))
    assert numbers(queue.place([0])) == [1, 7, 2, 8]
    queue = queue_of(*jobs(6))
    queue.place([0])
    queue.admit(Job(7, "y", "a"))
    queue.admit(Job(8, "y", "a"))
    assert numbers(queue.place([0])) == [7]


def test_large_pictures_do_not_share_a_workers_memory():
    """The largest and small ones beside it do."""
    large = [Job(n, "x", "a", pixels=MOST_PIXELS) for n in (1, 2)]
    queue = queue_of(*large)
    assert numbers(queue.place([0])) == [1]
    queue.admit(Job(3, "y", "a", pixels=512 * 512))
    assert numbers(queue.place([0])) == [3]


def test_each_artist_has_the_same_share_of_a_worker():
    """However many jobs he has there."""
    queue = queue_of(*jobs(3), Job(7, "y", "a"))
    queue.place([0])
    weights = queue.weights(0)
    assert sum(weight for number, weight in weights.items() if number != 7) == pytest.approx(1.0)
    assert weights[7] == 1.0


def test_who_is_ahead_is_counted_with_those_that_run():
    """A job that comes now is behind all of its owner's, but not behind all of another's."""
    queue = queue_of(Job(1, "x", "a"), Job(2, "x", "b"), Job(3, "x", "b"))
    assert [queue.standing(number).ahead for number in (1, 2, 3)] == [0, 1, 2]
    queue.place([0])
    assert [queue.standing(number).ahead for number in (2, 3)] == [1, 2]
    assert queue.expects(Job(99, "x", "b")).ahead == 3
    assert queue.expects(Job(99, "y", "b")).ahead == 1


def test_the_wait_follows_from_measured_device_time():
    """Unknown before the first; then by work, with what others spent already taken off."""
    queue = queue_of(*jobs(4, alone=True, work=10.0))
    assert queue.standing(2).wait is None
    queue.place([0])
    queue.worked(10.0, {1: 10.0})
    queue.finished(1, well=True)
    assert queue.standing(2).wait == 0.0
    assert queue.standing(4).wait == pytest.approx(20.0)
    queue.place([0])
    queue.worked(4.0, {2: 4.0})
    queue.admit(Job(9, "artist", "a", alone=True, work=10.0))
    assert queue.standing(3).wait == pytest.approx(6.0)


def test_a_job_that_failed_tells_nothing_of_durations():
    """Only what was painted counts."""
    queue = queue_of(*jobs(2, alone=True))
    queue.place([0])
    queue.worked(1.0, {1: 1.0})
    queue.finished(1, well=False)
    assert queue.standing(2).wait is None


def test_a_job_of_many_variations_leaves_room_for_others():
    """It may have sixteen rows of its own: two jobs of one picture join it, or another like it."""
    many = [Job(number, "x", "a", rows=16) for number in (1, 2, 3)]
    assert numbers(queue_of(many[0], *jobs(4)[1:]).place([0])) == [1, 2, 3]
    assert numbers(queue_of(*many).place([0])) == [1, 2]
    assert sorted(numbers(queue_of(*jobs(2), many[2]).place([0]))) == [1, 2, 3]


def test_without_guidance_twice_as_many_share_a_worker():
    """Rows count, not jobs."""
    queue = queue_of(*jobs(9, rows=1))
    assert len(queue.place([0])) == MOST_ROWS


JOBS = st.builds(
    Job,
    st.integers(1, 99),
    st.just("x"),
    st.sampled_from("ab"),
    alone=st.booleans(),
    rows=st.integers(1, 16),
)


@given(st.lists(JOBS, max_size=FULL + 2), JOBS)
def test_what_fits_shares_one_model_and_nobodys_solitude(resident, job):
    """An empty worker takes anything."""
    if fits(job, resident) and resident:
        assert (
            sum(min(other.rows, MOST_OF_ONE) for other in resident if not other.live)
            <= (MOST_RESIDENT)
            or len(resident) == 1
            or job.live
        )
        assert {other.model for other in resident} == {job.model}
        assert not any(other.alone for other in (*resident, job))
    assert fits(job, [])


class QueueMachine(RuleBasedStateMachine):
    """Artists, workers and accidents in any order."""

    def __init__(self):
        super().__init__()
        self.clock = Clock()
        self.queue = TurnsQueue(self.clock, 2)
        self.count = 0
        self.waiting = {}
        self.running = {}

    @rule(
        model=st.sampled_from("ab"),
        account=st.sampled_from("xy"),
        rows=st.integers(1, 16),
        live=st.booleans(),
    )
    def admit(self, model, account, rows, live):
        self.count += 1
        job = Job(self.count, account, model, rows=rows, live=live)
        self.queue.admit(job)
        self.waiting[job.number] = job

    @rule(workers=st.sampled_from([(0,), (1,), (0, 1), ()]))
    def place(self, workers):
        for entry in self.queue.place(workers):
            job = self.waiting.pop(entry.job.number)
            mine = [one.number for one in self.waiting.values() if _one_line(one, job)]
            assert job.number < min(mine, default=self.count + 1), "one of his own was overtaken"
            self.running[job.number] = (job, entry.worker)
        if set(workers) - {worker for _, worker in self.running.values()}:
            assert not self.waiting, "a worker stands empty while somebody waits"

    @rule(seconds=st.floats(0, 1e3))
    def time_passes(self, seconds):
        self.clock.now += seconds

    @precondition(lambda self: self.running)
    @rule(data=st.data(), seconds=st.floats(0, 1e4))
    def work(self, data, seconds):
        number = data.draw(st.sampled_from(sorted(self.running)))
        self.queue.worked(seconds, {number: seconds})

    @precondition(lambda self: self.running)
    @rule(data=st.data(), well=st.booleans())
    def finish(self, data, well):
        number = data.draw(st.sampled_from(sorted(self.running)))
        del self.running[number]
        self.queue.finished(number, well=well)

    @precondition(lambda self: self.running)
    @rule(data=st.data(), alone=st.booleans())
    def worker_dies(self, data, alone):
        _, worker = self.running[data.draw(st.sampled_from(sorted(self.running)))]
        for number, (job, where) in list(self.running.items()):
            if where == worker:
                del self.running[number]
                self.waiting[number] = job
                self.queue.returned(number, alone=alone)

    @precondition(lambda self: self.waiting)
    @rule(data=st.data())
    def withdraw(self, data):
        number = data.draw(st.sampled_from(sorted(self.waiting)))
        assert self.queue.withdraw(number)
        del self.waiting[number]

    @invariant()
    def nobody_is_lost(self):
        assert [job.number for job in self.queue.waiting] == sorted(self.waiting)

    @invariant()
    def places_are_those_of_a_line(self):
        aheads = [self.queue.standing(number).ahead for number in sorted(self.waiting)]
        assert sorted(aheads) == [len(self.running) + place for place in range(len(aheads))]
        waits = [self.queue.standing(number).wait for number in self.waiting]
        assert all(wait is None or wait >= 0 for wait in waits)

    @invariant()
    def workers_are_not_crowded(self):
        for worker in (0, 1):
            there = [job for job, where in self.running.values() if where == worker]
            for live, most in ((True, MOST_ROWS), (False, MOST_RESIDENT)):
                rows = [min(job.rows, MOST_OF_ONE) for job in there if job.live == live]
                assert sum(rows) <= most
            assert len({job.model for job in there}) <= 1


def _one_line(one, other):
    return (one.account, one.live) == (other.account, other.live)


QueueMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestQueue = QueueMachine.TestCase


class Played(TurnsQueue):
    """Counts how often the queue is played forward."""

    times = 0

    def _forecast(self, turns):
        self.times += 1
        return super()._forecast(turns)


def test_whoever_asks_all_the_time_is_answered_from_memory():
    """Anew after a second, and when somebody has come or gone; each artist by himself."""
    clock = Clock()
    queue = Played(clock)
    for job in jobs(FULL + 3):
        queue.admit(job)
    asked = [Job(99, "x", "a"), Job(99, "artist", "a")]
    told = {tuple(queue.expects(job).ahead for job in asked) for _ in range(100)}
    assert (len(told), queue.times) == (1, len(asked))
    clock.now += STALE + 0.1
    queue.expects(asked[0])
    assert queue.times == len(asked) + 1
    queue.withdraw(1)
    (before,) = told
    assert queue.expects(asked[1]).ahead == before[1] - 1
