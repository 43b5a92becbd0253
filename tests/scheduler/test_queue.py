"""First come, first served: whatever is admitted, withdrawn, finished or returned, and when."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bottega_backend.scheduler.batching import MOST_OF_ONE, MOST_ROWS, fits
from bottega_backend.scheduler.job import Job
from bottega_backend.scheduler.queue import FirstComeQueue


def jobs(count, model="a", **fields):
    return [Job(number, "artist", model, **fields) for number in range(1, count + 1)]


def queue_of(*admitted, workers=1):
    queue = FirstComeQueue(workers)
    for job in admitted:
        queue.admit(job)
    return queue


MOST_RESIDENT = 4
"""Jobs of two rows that fill a forward."""


def numbers(placements):
    return [entry.job.number for entry in placements]


def test_jobs_of_one_model_share_a_worker_up_to_its_cap():
    """The rest waits, in order."""
    queue = queue_of(*jobs(MOST_RESIDENT + 2))
    assert numbers(queue.place([0])) == list(range(1, MOST_RESIDENT + 1))
    assert queue.place([0]) == []
    queue.finished(2, 1.0)
    assert numbers(queue.place([0])) == [MOST_RESIDENT + 1]


def test_another_model_waits_for_the_worker_and_holds_up_those_behind_it():
    """Who came first is not overtaken."""
    queue = queue_of(Job(1, "x", "a"), Job(2, "x", "b"), Job(3, "x", "a"))
    assert numbers(queue.place([0])) == [1]
    assert queue.place([0]) == []
    queue.finished(1, 1.0)
    assert numbers(queue.place([0])) == [2]


def test_two_workers_take_what_one_cannot():
    """Each model its own; jobs of one model go to the emptier worker."""
    queue = queue_of(Job(1, "x", "a"), Job(2, "x", "b"), *jobs(4)[2:], workers=2)
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
    queue.finished(1, None)
    queue.finished(3, None)
    queue.admit(Job(4, "artist", "a"))
    assert numbers(queue.place([0])) == [2]
    assert queue.place([0]) == []
    queue.finished(2, 1.0)
    assert numbers(queue.place([0])) == [4]


def test_a_withdrawn_job_is_never_placed():
    """One that runs can't be withdrawn, nor one that is unknown."""
    queue = queue_of(*jobs(2))
    assert queue.withdraw(1)
    assert not queue.withdraw(1)
    assert numbers(queue.place([0])) == [2]
    assert not queue.withdraw(2)


def test_who_is_ahead_is_counted_with_those_that_run():
    """And a job that comes now is behind all."""
    queue = queue_of(Job(1, "x", "a"), Job(2, "x", "b"), Job(3, "x", "b"))
    assert [queue.ahead(number) for number in (1, 2, 3, None)] == [0, 1, 2, 3]
    queue.place([0])
    assert [queue.ahead(number) for number in (2, 3, None)] == [1, 2, 3]


def test_the_wait_follows_from_measured_durations():
    """Unknown before the first; a job's share where several ran together; halved by two workers."""
    queue = queue_of(*jobs(6, alone=True))
    assert queue.wait() is None
    queue.place([0])
    queue.finished(1, 10.0)
    assert queue.wait(2) == 0.0
    assert queue.wait(4) == pytest.approx(20.0)
    together = queue_of(*jobs(4), workers=2)
    together.place([0])
    together.finished(1, 10.0)
    assert together.wait() == pytest.approx(3 * 2.5 / 2)


def test_a_job_that_failed_tells_nothing_of_durations():
    """Only what was painted counts."""
    queue = queue_of(*jobs(1))
    queue.place([0])
    queue.finished(1, None)
    assert queue.wait() is None


def test_a_job_of_many_variations_leaves_room_for_others():
    """It may have sixteen rows of its own: two jobs of one picture join it, or another like it."""
    many = [Job(number, "x", "a", rows=16) for number in (1, 2, 3)]
    assert numbers(queue_of(many[0], *jobs(4)[1:]).place([0])) == [1, 2, 3]
    assert numbers(queue_of(*many).place([0])) == [1, 2]
    assert numbers(queue_of(*jobs(2), many[2]).place([0])) == [1, 2, 3]


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


@given(st.lists(JOBS, max_size=MOST_RESIDENT + 2), JOBS)
def test_what_fits_shares_one_model_and_nobodys_solitude(resident, job):
    """An empty worker takes anything."""
    if fits(job, resident) and resident:
        assert sum(min(other.rows, MOST_OF_ONE) for other in (*resident, job)) <= MOST_ROWS
        assert {other.model for other in resident} == {job.model}
        assert not any(other.alone for other in (*resident, job))
    assert fits(job, [])


class QueueMachine(RuleBasedStateMachine):
    """Artists, workers and accidents in any order."""

    def __init__(self):
        super().__init__()
        self.queue = FirstComeQueue(2)
        self.count = 0
        self.waiting = {}
        self.running = {}

    @rule(model=st.sampled_from("ab"), account=st.sampled_from("xy"), rows=st.integers(1, 16))
    def admit(self, model, account, rows):
        self.count += 1
        job = Job(self.count, account, model, rows=rows)
        self.queue.admit(job)
        self.waiting[job.number] = job

    @rule(workers=st.sampled_from([(0,), (1,), (0, 1), ()]))
    def place(self, workers):
        before = sorted(self.waiting)
        placed = self.queue.place(workers)
        assert numbers(placed) == before[: len(placed)], "somebody was overtaken"
        for entry in placed:
            self.running[entry.job.number] = (self.waiting.pop(entry.job.number), entry.worker)
        if set(workers) - {worker for _, worker in self.running.values()}:
            assert not self.waiting, "a worker stands empty while somebody waits"

    @precondition(lambda self: self.running)
    @rule(data=st.data(), seconds=st.none() | st.floats(0, 1e4))
    def finish(self, data, seconds):
        number = data.draw(st.sampled_from(sorted(self.running)))
        del self.running[number]
        self.queue.finished(number, seconds)

    @precondition(lambda self: self.running)
    @rule(data=st.data())
    def worker_dies(self, data):
        _, worker = self.running[data.draw(st.sampled_from(sorted(self.running)))]
        for number, (job, where) in list(self.running.items()):
            if where == worker:
                del self.running[number]
                self.waiting[number] = job
                self.queue.returned(number, alone=True)

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
    def the_queue_is_honest(self):
        assert self.queue.ahead() == len(self.waiting) + len(self.running)
        aheads = [self.queue.ahead(number) for number in sorted(self.waiting)]
        assert aheads == [len(self.running) + place for place in range(len(aheads))]
        wait = self.queue.wait()
        assert wait is None or wait >= 0

    @invariant()
    def workers_are_not_crowded(self):
        for worker in (0, 1):
            residents = [job for job, where in self.running.values() if where == worker]
            assert sum(min(job.rows, MOST_OF_ONE) for job in residents) <= MOST_ROWS or (
                len(residents) == 1
            )
            assert len({job.model for job in residents}) <= 1


QueueMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestQueue = QueueMachine.TestCase
