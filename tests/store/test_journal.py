"""The journal on a real SQLite file: one terminal record per job, and nothing lost by a restart."""

import random
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from fakes.forgetful_files import Forgetful, Recorder
from fakes.orders import Order
from faults.sections import journal as section

from bottega_backend.errors import StoreFailed
from bottega_backend.store import schema
from bottega_backend.store.journal import Journal, Search
from bottega_protocol.errors import NotAllowedNow
from bottega_protocol.messages import Cancelled, Failed, Finished
from bottega_protocol.regions import Size
from bottega_protocol.results import Layer, Recipe, Result, Timings


@pytest.fixture
def file(tmp_path):
    return tmp_path / "jobs.sqlite3"


@pytest.fixture
def journal(file):
    journal = Journal(file, now=iter(range(1000, 2000)).__next__)
    yield journal
    journal.close()


def accept(journal, account="local", **fields):
    return journal.accept(account, Order(**fields).submit, 500)


def finished(kept):
    """An answer to a job: its own pixels."""
    request = kept.submit.request
    layer = Layer("layer", request.rectangle, request.pixels, request.mask)
    recipe = Recipe("fill", "m", "M", "Euler", 4, 1.0, 1.0, 0, "", "", Size(8, 8))
    return Finished(kept.submit.job, Result((layer,), recipe), Timings(queue=1.5))


def test_what_was_accepted_is_there_after_a_reopening(journal, file):
    """Word for word, and queued."""
    kept = accept(journal, prompt="a boat", document="gimp/1", on_vanish="cancel")
    again = Journal(file).recover()
    assert again == [kept]
    assert (kept.state, kept.attempt, kept.strikes, kept.submitted) == ("queued", 0, 0, 1000)


def test_every_commit_is_synced(journal):
    """FULL: a commit that was reported survives a power cut."""
    (level,) = journal._base.execute("PRAGMA synchronous").fetchone()
    (mode,) = journal._base.execute("PRAGMA journal_mode").fetchone()
    assert (level, mode) == (2, "wal")


def test_an_id_is_taken_once_per_account(journal):
    """The first job counts; another account's is another job."""
    first = accept(journal)
    other = replace(Order().submit, job=first.submit.job)
    assert journal.accept("local", other, 1) == first
    assert journal.accept("other", other, 1).submit == other
    assert journal.find("local", bytes(16)) is None
    assert journal.find("other", accept(journal).submit.job) is None


def test_attempts_are_numbered_and_a_late_one_is_dropped(journal):
    """The result of an attempt whose worker was given up changes nothing."""
    kept = accept(journal)
    assert journal.begin(kept.number) == 1
    journal.requeue(kept.number, 1)
    assert journal.begin(kept.number) == 2
    assert not journal.end(kept.number, 1, finished(kept))
    assert journal.end(kept.number, 2, Cancelled(kept.submit.job))
    ended = journal.find("local", kept.submit.job)
    assert (ended.state, ended.strikes) == ("cancelled", 1)
    assert ended.answer == Cancelled(kept.submit.job)


@pytest.mark.parametrize("answer", [finished, lambda kept: Failed(kept.submit.job, "x", "y")])
def test_there_is_one_terminal_record(journal, answer):
    """The first one; nothing moves a job after it."""
    kept = accept(journal)
    journal.begin(kept.number)
    assert journal.end(kept.number, 1, answer(kept))
    assert not journal.end(kept.number, 1, Cancelled(kept.submit.job))
    with pytest.raises(NotAllowedNow):
        journal.begin(kept.number)
    with pytest.raises(NotAllowedNow):
        journal.requeue(kept.number, 1)
    assert journal.find("local", kept.submit.job).answer == answer(kept)
    assert journal.recover() == []


def test_what_ran_is_queued_again_in_the_order_of_acceptance(journal):
    """A server's death is no strike."""
    kept = [accept(journal) for _ in range(3)]
    journal.begin(kept[1].number)
    recovered = journal.recover()
    assert [job.number for job in recovered] == [job.number for job in kept]
    assert {(job.state, job.strikes) for job in recovered} == {("queued", 0)}
    assert journal.begin(kept[1].number) == 2


def test_a_waiting_job_is_cancelled_without_an_attempt(journal):
    """Attempt 0 is the one that has not begun."""
    kept = accept(journal)
    assert journal.end(kept.number, 0, Cancelled(kept.submit.job))


def test_room_is_reserved_until_a_job_has_ended(journal):
    """However it ends."""
    kept = [accept(journal) for _ in range(3)]
    journal.begin(kept[0].number)
    assert journal.reserved() == 1500
    journal.end(kept[0].number, 1, finished(kept[0]))
    journal.end(kept[1].number, 0, Cancelled(kept[1].submit.job))
    assert journal.reserved() == 500


def test_a_page_shows_ones_own_jobs_newest_first(journal):
    """A result is fetched when its last blob is."""
    mine = [accept(journal, prompt=f"boat {number}") for number in range(3)]
    accept(journal, account="other")
    journal.begin(mine[1].number)
    journal.end(mine[1].number, 1, finished(mine[1]))
    assert [row.prompt for row in journal.page("local", 0, 9)] == ["boat 2", "boat 1", "boat 0"]
    assert [row.prompt for row in journal.page("local", 1, 1)] == ["boat 1"]
    pixels, mask = (image.sha256 for image in mine[1].submit.request.images())
    fetched = []
    for account, sha256 in (("local", pixels), ("other", mask), ("local", mask)):
        journal.fetched(account, sha256)
        fetched.append(journal.page("local", 1, 1)[0].fetched)
    assert fetched == [False, False, True]


@pytest.mark.parametrize(
    ("which", "found"),
    [
        (Search(("boat",)), [3, 1]),
        (Search(("boat", "RED")), [1]),
        (Search(("b\xc4UM",)), [2]),
        (Search(("%",)), []),
        (Search((), "krita/2"), [2]),
        (Search(("boat",), "krita/2"), []),
        (Search(), [3, 2, 1]),
    ],
)
def test_a_page_can_be_searched(journal, which, found):
    """All words, in any case and language, as they stand; and one document's."""
    prompts = ["a red Boat", "ein B\xe4um", "boats"]
    for number, prompt in enumerate(prompts, start=1):
        accept(journal, prompt=prompt, document=f"krita/{number}")
    accept(journal, account="other", prompt="another's boat")
    rows = journal.page("local", 0, 9, which)
    assert [row.prompt for row in rows] == [prompts[number - 1] for number in found]
    assert journal.page("local", 1, 9, which) == rows[1:]


def test_a_summary_says_what_was_asked(journal):
    """Capability, document, the beginning of the prompt, how many variations."""
    kept = accept(journal, prompt="x" * 500, capability="refine", count=3, document="gimp/7")
    (row,) = journal.page("local", 0, 9)
    assert (row.job, row.capability, row.document) == (kept.submit.job, "refine", "gimp/7")
    assert (row.prompt, row.count, row.submitted) == ("x" * 120, 3, 1000)


@pytest.mark.parametrize("number", [0, 1, schema.FORMAT + 1])
def test_a_journal_of_an_unknown_format_is_refused_and_left_alone(journal, file, number):
    """With a remedy; the one before formats had a number says 0, a newer one more than ours."""
    accept(journal)
    journal._base.execute(f"PRAGMA user_version = {number}")
    journal._base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = file.read_bytes()
    with pytest.raises(StoreFailed, match="another version") as caught:
        Journal(file)
    assert "--data" in caught.value.remedy
    assert file.read_bytes() == before
    journal._base.execute(f"PRAGMA user_version = {schema.FORMAT}")
    assert len(Journal(file).page("local", 0, 9)) == 1


def older(file, number=2):
    """A journal as version `number` made it, with a job in it."""
    journal = Journal(file)
    kept = accept(journal, prompt="a boat")
    for table in ("clock", "usage"):
        journal._base.execute(f"DROP TABLE {table}")
    journal._base.execute(f"PRAGMA user_version = {number}")
    journal.close()
    return kept


def test_a_journal_of_an_older_format_is_brought_up_to_date(tmp_path):
    """Its jobs stay; the tables are those of a new one."""
    kept = older(tmp_path / "old")
    journal = Journal(tmp_path / "old")
    assert journal.recover() == [kept]
    query = "SELECT name FROM sqlite_master ORDER BY name"
    new = Journal(tmp_path / "new")._base.execute(query).fetchall()
    assert journal._base.execute(query).fetchall() == new
    assert journal._base.execute("PRAGMA user_version").fetchone() == (schema.FORMAT,)


def test_a_power_cut_leaves_a_journal_old_or_new(tmp_path):
    """Never between: whatever is written of the change when the power goes."""
    kept, numbers = older(tmp_path / "bottega.sqlite3"), set()
    recorder = Recorder("migrating")
    recorder.files["bottega.sqlite3"] = old = Forgetful()
    old.write((tmp_path / "bottega.sqlite3").read_bytes(), 0)
    old.sync()

    def look(verb):
        folder = tmp_path / f"{verb}-{len(numbers)}"
        shutil.rmtree(folder, ignore_errors=True)
        recorder.survivors(folder, "dice", random.Random(len(numbers)))
        with closing(sqlite3.connect(folder / "bottega.sqlite3")) as base:
            numbers.add(base.execute("PRAGMA user_version").fetchone()[0])
        assert Journal(folder / "bottega.sqlite3").recover() == [kept]

    recorder.before = look
    Journal(tmp_path / "bottega.sqlite3", connect=recorder.connect).close()
    assert numbers == {2, schema.FORMAT}


def test_an_acknowledgement_names_ones_own_job(journal):
    """Nothing else can be acknowledged."""
    kept = accept(journal)
    assert journal.acknowledge("local", kept.submit.job)
    assert not journal.acknowledge("other", kept.submit.job)
    assert not journal.acknowledge("local", bytes(16))


def test_a_change_that_fails_halfway_leaves_nothing_behind(journal):
    """Here the disk fails between the state and the answer."""
    kept = accept(journal)
    journal.begin(kept.number)
    journal._base.execute(
        "CREATE TEMP TRIGGER fail BEFORE INSERT ON results"
        " BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END"
    )
    with pytest.raises(sqlite3.Error):
        journal.end(kept.number, 1, finished(kept))
    assert journal.find("local", kept.submit.job).state == "running"
    journal._base.execute("DROP TRIGGER fail")
    assert journal.end(kept.number, 1, finished(kept))


def test_what_was_said_to_be_written_survives_a_power_cut(tmp_path):
    """Before any sync; and a disk that syncs nothing is found out."""
    for forgets in (False, True):
        found, told = [], section.Told()

        def look(recorder, verb, found=found, told=told):
            if verb == "sync":
                found += section.left(
                    tmp_path / "image", recorder.survivors, "safe", told, random.Random(1)
                )

        level = section.play(tmp_path / "journal", 3, told, look, forgets=forgets)
        assert (level, bool(found)) == (2, forgets)


def test_device_time_is_kept_of_those_who_have_jobs(journal):
    """Who is not named had none; who was erased meanwhile is not written back."""
    accept(journal, "ada")
    accept(journal, "bea")
    journal.keep_usage({"ada": 2.0, "bea": 3.0, "erased": 4.0})
    assert {account: seconds for account, (seconds, _) in journal.usage().items()} == {
        "ada": 2.0,
        "bea": 3.0,
    }
    journal.keep_usage({"ada": 1.0})
    ((account, (seconds, at)),) = journal.usage().items()
    assert (account, seconds) == ("ada", 1.0)
    assert 1000 <= at < 2000
