"""What the GIMP plug-in remembers of the last dialog."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bottega_client.actions import Wish
from bottega_gimp import settings

TYPED = Wish(
    "a boat\nat dusk", "people", "some-model", "euler", 4_294_967_295, 12, 4.5, 0.7, "active"
)


def test_what_was_typed_comes_back(tmp_path: Path):
    settings.save(tmp_path, TYPED)
    assert settings.load(tmp_path) == TYPED


def test_a_random_seed_stays_random(tmp_path: Path):
    settings.save(tmp_path, Wish(seed=None))
    assert settings.load(tmp_path).seed is None


@pytest.mark.parametrize("kept", ["", "[]", "{", '{"prompt": 7, "steps": "many", "other": 1}'])
def test_an_illegible_file_means_the_defaults(tmp_path: Path, kept: str):
    (tmp_path / settings.FILE).write_text(kept)
    assert settings.load(tmp_path) == Wish()


def test_fields_that_fit_are_taken_from_a_file_that_holds_others_too(tmp_path: Path):
    kept = {"prompt": "a boat", "strength": True, "seed": 5, "from-the-future": []}
    (tmp_path / settings.FILE).write_text(json.dumps(kept))
    assert settings.load(tmp_path) == Wish(prompt="a boat", seed=5)


def test_a_folder_that_is_not_there_is_no_error(tmp_path: Path):
    settings.save(tmp_path / "nowhere", TYPED)
    assert settings.load(tmp_path / "nowhere") == Wish()
