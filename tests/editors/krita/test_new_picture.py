"""Generate into a new document, in the real Krita with the real server."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.editor

PROMPT = "a red ball"


@pytest.fixture(scope="module")
def notes(play, start_server):
    """What the scenario wrote down."""
    served = start_server(None)
    return play("new_picture", {"server.json": (served.data / "server.json").read_bytes()}).notes


def test_a_size_is_asked_only_for_a_new_picture_and_then_it_is_generated(notes):
    assert notes["sides shown"] == [False, False]
    assert notes["button"] == "Generate"
    assert notes["plan"].startswith("320 by 192 px")


def test_the_result_is_a_document_of_that_size_in_front_with_its_layer(notes):
    assert notes["state"] == "placed"
    assert (notes["made"], notes["in front"]) == (1, True)
    assert notes["size"] == [320, 192]
    assert notes["colours"] == ["RGBA", "U8"]
    assert [name for name, _, _ in notes["layers"]][-1] == PROMPT
    assert notes["layers"][-1][2] == []  # no mask


def test_the_document_that_was_in_front_is_as_it_was(notes):
    assert notes["untouched"]
    assert PROMPT not in [name for name, _, _ in notes["old layers"]]


def test_of_several_variations_those_that_are_picked_share_one_document(notes):
    assert notes["none made"]
    assert notes["one made"]
    assert sum(name.startswith(PROMPT) for name, _, _ in notes["both"]) == 2


def test_no_document_has_to_be_open_for_it(notes):
    assert notes["alone"] == ["placed", 1]
