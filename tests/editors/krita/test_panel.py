"""The docker of the real Krita, page by page, with the real server."""

from __future__ import annotations

import json

import pytest
from editors.krita.pictures import ellipse

from bottega_backend.apprentice.pictures import PICTURES

pytestmark = pytest.mark.editor

COUNT = 4
PROMPT = "a red ball"
ORDER = (
    *("prompt", "negative", "strength_slider", "strength_spin", "begin", "intent"),
    *("quality", "count", "model", "source", "seed", "seed_lock", "seed_another", "target"),
    *("details", "menu"),
)
"""The way of the Tab key: from top to bottom, as one reads."""


@pytest.fixture(scope="module")
def files(start_server):
    """What a scenario is handed: a picture, a place in it, and how to reach a server."""
    place = PICTURES[0].ellipse
    served = start_server(None)
    return {
        "server.json": (served.data / "server.json").read_bytes(),
        "meadow.png": PICTURES[0].path.read_bytes(),
        "meadow-mask": ellipse(place.height, place.width, softness=0.25).tobytes(),
        "meadow-box.json": json.dumps([place.x, place.y, place.width, place.height]).encode(),
    }


@pytest.fixture(scope="module")
def notes(play, files):
    """What the scenario wrote down on its way through the docker."""
    return play("panel", files).notes


def test_the_button_says_what_it_will_do(notes):
    said = notes["said"]
    assert said["False 1.0"] == "Generate"
    assert said["True 1.0"] == "Fill"
    assert {said["False 0.6"], said["True 0.6"]} == {"Refine"}
    assert said["intent"] == ["remove", "Remove content"]


def test_the_plan_is_told_before_anything_is_painted(notes):
    plans = [text for name, text in notes["said"].items() if "plan" in name]
    assert len(plans) == 4
    assert all(" px" in text and "ainted at" in text for text in plans)


def test_our_shortcuts_are_nobody_elses_and_can_be_changed_in_kritas_settings(notes):
    assert len(notes["keys"]) == 4
    assert all(len(actions) == 1 for actions in notes["keys"].values())
    assert notes["other keys"] > 150
    assert notes["customizable"]


def test_the_tab_key_goes_through_the_page_from_top_to_bottom_and_out(notes):
    assert notes["way"] == [f"bottega_{name}" for name in ORDER]
    assert not notes["way ends"].startswith("bottega")


def test_everything_that_can_be_used_has_a_name_for_those_who_cannot_see_it(notes):
    assert notes["mute"] == []
    assert notes["anonymous"] == []


def test_variations_wait_to_be_picked_and_have_seeds_in_a_row(notes):
    state, seeds = notes["ready"]
    assert state == "ready"
    assert seeds == [(seeds[0] + number) % 2**32 for number in range(COUNT)]
    assert _layers(notes["none placed"]) == ["Background"]


def test_a_click_shows_a_variation_larger_and_an_arrow_the_next(notes):
    assert notes["zoomed"] > 96
    before, after = notes["turned"]
    assert before.startswith("2 of 4")
    assert after.startswith("3 of 4")


def test_what_is_picked_becomes_layers_and_the_rest_is_kept(notes):
    assert notes["place says"] == "Place 2 layers"
    assert notes["placed"] == [True, False, True, False]
    assert _layers(notes["layers"]) == ["Background", PROMPT, PROMPT]
    assert notes["steps"] == 2
    assert notes["still to pick"]


def test_the_document_remembers_what_was_placed_and_its_settings_can_be_used_again(notes):
    assert all(text.startswith(PROMPT) for text in notes["history"])
    seed, steps = notes["used again"]
    assert str(seed) in notes["history"][0]
    assert steps == 6


def test_what_was_put_away_is_found_by_its_words_and_brought_back(notes):
    assert notes["recent"][0].startswith(PROMPT)
    assert "4 variations" in notes["recent"][0]
    assert notes["brought"][0]
    assert len(notes["brought: placed"]) == COUNT


@pytest.mark.parametrize("deed", ["Generate", "Refine"])
def test_without_a_selection_the_whole_canvas_is_painted_on_a_layer_without_mask(notes, deed):
    said, kind, masks = notes[deed]
    assert said.startswith("Seed ")
    assert (kind, masks) == ("paintlayer", [])
    assert notes[f"{deed}: bounds"] == [512, 512]


@pytest.mark.parametrize("deed", ["Generate", "Refine"])
def test_the_card_at_hand_shows_nothing_of_the_job_before(notes, deed):
    assert notes[f"{deed}: tiles"] == 1


def test_jobs_of_one_document_run_side_by_side_and_are_stopped_one_by_one(notes):
    assert notes["queue title"][1] == "Queue 2"
    assert notes["other goes on"] in ("queued", "painting")
    assert notes["queue: unchanged"]


def test_diagnostics_say_where_the_server_is_and_hold_no_token(notes):
    assert "Server: " in notes["diagnostics"]
    assert notes["token"] not in notes["diagnostics"]


def test_the_document_is_looked_at_four_times_a_second_at_most_and_only_while_anyone_looks(notes):
    assert notes["intervals"]
    assert all(interval >= 250 for interval in notes["intervals"])
    assert not any(notes["hidden"])


def test_an_address_and_token_may_be_typed_and_are_kept_with_what_was_chosen(notes):
    assert notes["kept server"].startswith("ws://127.0.0.1:")
    assert notes["kept for"] == "0o600"
    assert notes["kept"] == {"count": "1", "quality": "good", "source": "visible"}


@pytest.mark.parametrize("scale", [1, 2])
def test_nothing_is_cut_off_in_dark_and_bright_at_either_scale(play, files, scale):
    look = {
        "BOTTEGA_LOOK": f"{scale}x",
        "QT_SCALE_FACTOR": str(scale),
        "BOTTEGA_SCREEN": f"{1500 * scale}x{950 * scale}",
    }
    notes = play("looks", files, **look).notes
    assert notes["state"] == "ready"
    for theme in ("dark", "bright"):
        assert notes[f"{theme}: cut off"] == notes[f"{theme}: details cut off"] == []
        assert notes[f"{theme}: contrast"] > 4.5
    assert notes["dark: contrast"] != notes["bright: contrast"]


def _layers(nodes):
    return [name for name, kind, _ in nodes if kind == "paintlayer"]
