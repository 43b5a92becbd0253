"""Generations of editors that can't be had: what is said, and what fails."""

from __future__ import annotations

import pytest
from editors import roots


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A machine without any root, and without the tools to build one."""
    monkeypatch.setenv("BOTTEGA_ROOTS", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))


DRIFTING = [name for name in roots.RECIPES if name != roots.REQUIRED]


@pytest.mark.usefixtures("bare")
def test_without_the_required_generation_building_fails_and_says_what_to_do(capsys):
    assert roots.main() == 1
    told = capsys.readouterr().err
    assert told.startswith(f"no editor root {roots.REQUIRED}: ")
    assert "sudo" in told or "install debootstrap" in told


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("name", DRIFTING)
def test_a_generation_that_moves_on_is_skipped_aloud(capsys, name):
    assert roots.main(name) == 0
    assert capsys.readouterr().err.startswith(f"SKIPPED, no editor root {name}: ")


@pytest.mark.usefixtures("bare")
def test_all_of_them_fail_only_for_the_required_one(capsys):
    assert roots.main("all") == 1
    assert len(capsys.readouterr().err.splitlines()) == len(roots.RECIPES)


def test_a_generation_that_does_not_exist_is_refused_with_those_that_do(capsys):
    assert roots.main("woody") == 1
    told = capsys.readouterr().err
    assert all(name in told for name in roots.RECIPES)


@pytest.mark.usefixtures("bare")
def test_a_generation_that_is_not_there_has_no_editor(monkeypatch):
    monkeypatch.delenv("BOTTEGA_GENERATION", raising=False)
    assert roots.generation() == roots.REQUIRED
    assert not roots.has(roots.generation(), "gimp")
    assert roots.versions(roots.generation()) == {}
