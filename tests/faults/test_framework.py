"""The frame around the sections: what was done is not done twice, what broke is."""

from dataclasses import replace

import pytest
from faults import report, results
from faults.given import Figures, Given
from faults.table import SECTIONS, Entry


class Counting(Entry):
    """A section that counts its runs."""

    ran = 0
    broken = ()

    def load(self):
        def run(given):
            Counting.ran += 1
            given.keep("far", given.kept("far") or 0)
            return Figures({"runs": Counting.ran}, Counting.broken)

        return run


@pytest.fixture
def entry(tmp_path, monkeypatch):
    monkeypatch.setenv("BOTTEGA_FAULTS", str(tmp_path))
    monkeypatch.setattr(Counting, "ran", 0)
    monkeypatch.setattr(Counting, "broken", ())
    entry = Counting("counting", "It counts", ())
    monkeypatch.setattr(report, "SECTIONS", (entry,))
    return entry


def test_a_section_is_run_once(entry):
    """Until the seed changes, the share does, or one asks for it."""
    for _ in range(2):
        results.run(entry, 0.5, 1, str)
    assert Counting.ran == 1
    for options in ({"share": 0.5, "seed": 2}, {"share": 0.6, "seed": 2}):
        results.run(entry, say=str, **options)
    results.run(entry, 0.6, 2, str, again=True)
    assert Counting.ran == 4


def test_a_section_that_broke_is_run_again(entry, monkeypatch):
    """Its sentences are kept for the report meanwhile."""
    monkeypatch.setattr(Counting, "broken", ("It does not count.",))
    for _ in range(2):
        assert results.run(entry, 1.0, 1, str).broken == ("It does not count.",)
    assert Counting.ran == 2


def test_progress_of_an_interrupted_section_is_found_again(tmp_path):
    """Whatever it kept, under its name."""
    given = Given(1.0, 1, tmp_path, str)
    assert given.kept("far") is None
    given.keep("far", {"points": 3})
    assert replace(given, seed=2).kept("far") == {"points": 3}


def test_a_share_has_a_least_and_a_most(tmp_path):
    """A share of nothing would hold always."""
    given = Given(0.01, 1, tmp_path, str)
    assert (given.count(1000), given.count(10), given.count(10, 3)) == (10, 1, 3)


def test_the_report_keeps_what_was_not_run_here(entry, tmp_path):
    """And shows the largest share of what was."""
    file = tmp_path / "faults.md"
    file.write_text("# Faults\n\n## other\n\nGone.\n")
    report.render(file)
    assert report.NOT_RUN in file.read_text()
    for share in (0.5, 0.1):
        results.run(entry, share, 7, str)
    report.render(file)
    told = file.read_text()
    assert ("share of 0.5" in told, "share of 0.1" in told, "seed 7" in told) == (True, False, True)
    before = file.read_text()
    for outcome in tmp_path.glob("*/*.json"):
        outcome.unlink()
    report.render(file)
    assert file.read_text() == before


def test_every_section_has_its_module():
    """By the name in the table, which stands there once."""
    names = [entry.name for entry in SECTIONS]
    assert len(set(names)) == len(names)
    assert all(callable(entry.load()) for entry in SECTIONS)
