"""What is kept, for how long and in how much room; on real files and a real journal."""

import os
from dataclasses import replace

import pytest
from fakes.orders import Order

from bottega_backend.settings import Keeping
from bottega_backend.store.blobs import Blobs
from bottega_backend.store.holdings import LOOK_SECONDS, Held, Holdings
from bottega_backend.store.journal import Journal
from bottega_backend.store.keeping import DAY, HOUR, make_room, make_room_of, sweep
from bottega_protocol.images import MASK, describe
from bottega_protocol.messages import Cancelled, Finished
from bottega_protocol.regions import Rectangle, Size
from bottega_protocol.results import Layer, Recipe, Result

NOW = 1_000 * DAY
SIDE = 10
BYTES = SIDE * SIDE
"""Of one result."""

ROOMY = Keeping()


class Shelf:
    """A journal and blobs whose jobs ended at given times."""

    def __init__(self, folder):
        self.time = NOW
        self.journal = Journal(folder / "jobs.sqlite3", now=lambda: self.time)
        self.blobs = Blobs(folder / "blobs")
        self.count = 0

    def put(self, account="local", age=0.0, content=None):
        """A blob last used so many seconds ago; gives its hash."""
        self.count += 1
        content = content or self.count.to_bytes(BYTES, "big")
        image = describe(content, Size(SIDE, SIDE), MASK)
        upload = self.blobs.begin(account, image.sha256)
        upload.add(content)
        upload.finish()
        os.utime(self.blobs.path(account, image.sha256), (NOW - age, NOW - age))
        return image

    def job(self, age, *, fetched=True, image=None, account="local"):
        """A job that ended so many seconds ago; gives its id and its result."""
        image = image or self.put(account, age)
        order = Order(side=SIDE, capability="generate", selected=False)
        self.time = NOW - age
        kept = self.journal.accept(account, order.submit, 1)
        self.journal.begin(kept.number)
        layer = Layer("layer", Rectangle(0, 0, SIDE, SIDE), image)
        recipe = Recipe("generate", "m", "M", "Euler", 4, 1.0, 1.0, 0, "", "", Size(8, 8))
        self.journal.end(kept.number, 1, Finished(order.job, Result((layer,), recipe)))
        if fetched:
            self.journal.acknowledge(account, order.job)
        self.time = NOW
        return order.job, image

    def sweep(self, keeping=ROOMY):
        return sweep(self.journal, self.blobs, keeping, NOW)

    def has(self, job, account="local"):
        """Whether a job and its pixels are there: both or neither."""
        job, image = job
        there = self.blobs.size(account, image.sha256) is not None
        assert (self.journal.find(account, job) is not None) == there
        return there


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path)


def test_a_result_is_kept_for_days_fetched_or_not(shelf):
    """And not for ever."""
    young = [shelf.job(13 * DAY, fetched=fetched) for fetched in (True, False)]
    old = [shelf.job(15 * DAY, fetched=fetched) for fetched in (True, False)]
    swept = shelf.sweep()
    assert (swept.jobs, swept.files, swept.size) == (2, 2, 2 * BYTES)
    assert all(shelf.has(job) for job in young)
    assert not any(shelf.has(job) for job in old)
    assert shelf.sweep().jobs == 0


def test_beyond_the_quota_what_was_fetched_goes_first_and_the_oldest_of_it(shelf):
    """What nobody has fetched stays as long as anything else can go."""
    unfetched = [shelf.job(age * DAY, fetched=False) for age in (9, 1)]
    fetched = [shelf.job(age * DAY) for age in (8, 7, 6)]
    jobs = [fetched[0], fetched[1], fetched[2], unfetched[0], unfetched[1]]
    for left in (4, 3, 2, 1):
        shelf.sweep(replace(ROOMY, gigabytes=(left * BYTES + 1) / 1e9))
        assert [shelf.has(job) for job in jobs] == [False] * (5 - left) + [True] * left


def test_what_has_just_ended_is_never_swept_out_for_want_of_room(shelf):
    """Its client may be about to fetch it."""
    job = shelf.job(HOUR / 2)
    shelf.sweep(replace(ROOMY, gigabytes=1e-9))
    assert shelf.has(job)


def test_pixels_that_another_kept_job_names_stay(shelf):
    """The job goes, its pixels are still the other's; of another account they are others."""
    old, image = shelf.job(15 * DAY)
    young = shelf.job(DAY, image=image)
    shelf.put("other", 15 * DAY, (1).to_bytes(BYTES, "big"))
    shelf.job(15 * DAY, image=image, account="other")
    assert shelf.sweep().jobs == 2
    assert shelf.journal.find("local", old) is None
    assert shelf.has(young)
    assert shelf.blobs.size("other", image.sha256) is None


def test_uploads_whose_job_never_came_go_after_a_day(shelf):
    """One that was asked for meanwhile counts as new."""
    old, young, used = shelf.put(age=25 * HOUR), shelf.put(age=23 * HOUR), shelf.put(age=99 * HOUR)
    shelf.blobs.used("local", used.sha256)
    assert shelf.sweep().files == 1
    sizes = [shelf.blobs.size("local", image.sha256) for image in (old, young, used)]
    assert sizes == [None, BYTES, BYTES]


def test_pixels_that_were_just_used_outlive_the_job_that_named_them(shelf):
    """A job that is about to be accepted, or to end, found them; else they go later."""
    for look in (shelf.sweep, lambda: make_room(shelf.journal, shelf.blobs, 99 * BYTES, NOW)):
        old, image = shelf.job(15 * DAY)
        path = shelf.blobs.path("local", image.sha256)
        os.utime(path, (NOW, NOW))
        assert (look().jobs, shelf.journal.find("local", old)) == (1, None)
        assert shelf.blobs.size("local", image.sha256) == BYTES
        os.utime(path, (NOW - 25 * HOUR, NOW - 25 * HOUR))
        assert look().files == 1


def test_the_pixels_of_an_unfinished_job_never_go(shelf):
    """However old it is, and however little room there is; those of an ended job do."""
    order = Order(side=SIDE)
    for content in order.blobs.values():
        upload = shelf.blobs.begin("local", next(k for k, v in order.blobs.items() if v is content))
        upload.add(content)
        upload.finish()
    for sha256 in order.blobs:
        os.utime(shelf.blobs.path("local", sha256), (0, 0))
    shelf.time = 0.0
    kept = shelf.journal.accept("local", order.submit, 1)
    tight = replace(ROOMY, gigabytes=1e-9)
    assert shelf.sweep(tight).files == 0
    shelf.journal.end(kept.number, 0, Cancelled(order.job))
    assert (shelf.sweep(tight).files, shelf.journal.find("local", order.job)) == (2, None)


def test_a_full_disk_is_relieved_of_what_was_fetched_only(shelf):
    """As much as is wanted, no more; what was not fetched is left to its days."""
    unfetched = shelf.job(9 * DAY, fetched=False)
    fetched = [shelf.job(age * DAY) for age in (8, 7, 6)]
    assert make_room(shelf.journal, shelf.blobs, BYTES + 1, NOW).jobs == 2
    assert [shelf.has(job) for job in fetched] == [False, False, True]
    assert make_room(shelf.journal, shelf.blobs, 99 * BYTES, NOW).jobs == 1
    assert shelf.has(unfetched)


def test_files_that_a_power_cut_left_go_the_next_time(shelf, monkeypatch):
    """The rows went first: nobody names them."""
    job = shelf.job(15 * DAY)
    with monkeypatch.context() as cut:
        cut.setattr(Blobs, "remove", lambda *_: None)
        shelf.sweep()
    assert shelf.journal.find("local", job[0]) is None
    assert shelf.blobs.size("local", job[1].sha256) == BYTES
    assert shelf.sweep().files == 1


def test_an_account_that_has_as_much_as_it_may_lets_its_own_fetched_results_go(tmp_path):
    """The oldest first; nobody else's, nothing that was not fetched, nothing of this hour."""
    shelf = Shelf(tmp_path)
    for age in (5 * HOUR, 4 * HOUR, 3 * HOUR):
        shelf.job(age)
    waiting, fresh = shelf.job(6 * HOUR, fetched=False), shelf.job(0)
    foreign = shelf.job(9 * HOUR, account="other")
    most = (3, 3 * BYTES)
    assert make_room_of(shelf.journal, shelf.blobs, "local", most, NOW).jobs == 2
    assert shelf.journal.count("local") == 3
    assert shelf.blobs.held("local") == 3 * BYTES
    for job, _ in (waiting, fresh):
        assert shelf.journal.find("local", job)
    assert shelf.journal.find("other", foreign[0])
    assert make_room_of(shelf.journal, shelf.blobs, "local", (0, 0), NOW).jobs == 1


def test_a_look_at_what_is_held_is_remembered_for_a_while(tmp_path):
    """Uploads that broke off count too."""
    shelf = Shelf(tmp_path)
    shelf.job(0)
    part = shelf.blobs.begin("local", bytes(32))
    part.add(b"some")
    clock = iter((0.0, 0.0, 1.0, *[LOOK_SECONDS + 1] * 3)).__next__
    holdings = Holdings(shelf.journal, shelf.blobs, clock)
    most = Held(9, 9 * BYTES)
    first = holdings.of("local", most)
    assert (first.jobs, first.size >= BYTES) == (1, True)
    shelf.job(0)
    assert holdings.of("local", most) == first
    assert holdings.of("local", most).jobs == 2


def test_a_look_that_took_long_is_remembered_for_longer(tmp_path):
    """It reads a folder that grows with all that is kept."""
    shelf = Shelf(tmp_path)
    shelf.job(0)
    clock = iter((0.0, 2.0, 100.0, *[203.0] * 3)).__next__
    holdings = Holdings(shelf.journal, shelf.blobs, clock)
    most = Held(9, 9 * BYTES)
    first = holdings.of("local", most)
    shelf.job(0)
    assert holdings.of("local", most) == first
    assert holdings.of("local", most).jobs == 2
