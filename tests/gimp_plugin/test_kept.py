"""What the GIMP plug-in remembers: the last wish of each dialog, and a server's address."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bottega_client.editor import EditorError
from bottega_client.launch import Address
from bottega_client.wishes import Wish
from bottega_gimp import kept

TYPED = Wish(
    prompt="a boat\nat dusk",
    negative="people",
    model="some-model",
    sampler="euler",
    seed=4_294_967_295,
    steps=12,
    guidance=4.5,
    strength=0.7,
    source="active",
    clip_skip=2,
    quality="best",
    count=3,
    intent="remove",
    feather=7,
    grow=9,
)


def test_what_was_typed_comes_back(tmp_path: Path):
    kept.save_wish(tmp_path, "fill", TYPED)
    assert kept.load_wish(tmp_path, "fill") == TYPED


def test_a_random_seed_stays_random(tmp_path: Path):
    kept.save_wish(tmp_path, "fill", Wish(seed=None))
    assert kept.load_wish(tmp_path, "fill").seed is None


@pytest.mark.parametrize("text", ["", "[]", "{", '{"prompt": 7, "steps": "many", "other": 1}'])
def test_an_illegible_file_means_the_defaults(tmp_path: Path, text: str):
    (tmp_path / "bottega-fill.json").write_text(text)
    assert kept.load_wish(tmp_path, "fill") == Wish()


def test_fields_that_fit_are_taken_from_a_file_that_holds_others_too(tmp_path: Path):
    found = {"prompt": "a boat", "strength": True, "seed": 5, "from-the-future": []}
    (tmp_path / "bottega-fill.json").write_text(json.dumps(found))
    assert kept.load_wish(tmp_path, "fill") == Wish(prompt="a boat", seed=5)


def test_a_folder_that_is_not_there_is_no_error(tmp_path: Path):
    kept.save_wish(tmp_path / "nowhere", "fill", TYPED)
    assert kept.load_wish(tmp_path / "nowhere", "fill") == Wish()


def test_what_may_be_left_open_stays_open(tmp_path: Path):
    kept.save_wish(tmp_path, "refine", Wish(strength=None, feather=None))
    assert kept.load_wish(tmp_path, "refine") == Wish()
    assert kept.load_wish(tmp_path, "fill") == Wish()


def test_a_server_that_was_named_is_the_one_and_its_token_is_for_nobody_else(tmp_path: Path):
    painter = Address("wss://painter:1234", "secret", "anna", "ab" * 32)
    kept.save_address(tmp_path, painter)
    assert kept.server_address(tmp_path) == painter
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o077 == 0
    kept.save_address(tmp_path, None)
    assert kept.load_address(tmp_path) is None


def test_a_server_that_can_not_be_kept_is_said(tmp_path: Path):
    """An invitation can't be redeemed twice, and nobody would know until GIMP is started again."""
    with pytest.raises(EditorError, match="could not be kept"):
        kept.save_address(tmp_path / "nowhere", Address("wss://studio:8765", "secret"))
