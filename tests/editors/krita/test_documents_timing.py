"""A large rectangle in the real Krita: for how long it keeps the UI thread, read and placed."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.editor

SPACES = (
    ("RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc"),
    ("RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc"),
    ("RGBA", "U8", "ClayRGB-elle-V2-g22.icc"),
    ("RGBA", "U16", "sRGB-elle-V2-g10.icc"),
    ("RGBA", "F16", "sRGB-elle-V2-g10.icc"),
    ("RGBA", "F32", "sRGB-elle-V2-g10.icc"),
    ("GRAYA", "U8", "Gray-D50-elle-V2-srgbtrc.icc"),
    ("CMYKA", "U8", "Chemical proof"),
    ("LABA", "U16", "Lab identity built-in"),
)


SRGB = SPACES[:2]
"""What needs no conversion."""

SIDES = {space: 2048 if space in SRGB else 1024 for space in SPACES}

TURN = 2**17
"""Pixels that a turn converts or lays down at most, as `bottega_krita.turns` has it."""

MOST = 50
"""Milliseconds of the processor's time that one turn of ours may take."""


@pytest.fixture(scope="module")
def turns(play, artifacts):
    """Of each piece of work its turns on the UI thread, as `Watch` files them; kept to be read."""
    pictures = json.dumps([[SIDES[space], space] for space in SPACES]).encode()
    notes = play("timing", {"pictures.json": pictures}).notes
    turns = {" ".join(space): notes[f"times {number}"] for number, space in enumerate(SPACES)}
    (artifacts / "krita-timing.json").write_text(json.dumps(turns, indent=1))
    return turns


@pytest.mark.parametrize("space", SRGB, ids=" ".join)
def test_a_picture_in_srgb_is_taken_in_one_turn_that_is_short(turns, space):
    """The turn after it hands over what another thread made of it."""
    longest, _, count, pixels = turns[" ".join(space)]["read"]
    assert (count, pixels) == (2, 0)
    assert longest < MOST


@pytest.mark.parametrize("work", ["read", "place"])
@pytest.mark.parametrize("space", SPACES, ids=" ".join)
def test_krita_goes_on_between_turns_that_handle_a_few_rows_each(turns, space, work):
    """Two take longer, by a call of Krita's own: a document made out of sight, a layer added."""
    _, laying, count, pixels = turns[" ".join(space)][work]
    if work == "place" or space not in SRGB:
        assert pixels == TURN
        assert count > SIDES[space] ** 2 / TURN
        # Converting is Krita's own work, and it handles other events in its midst.
        assert laying < MOST or space not in SRGB
