"""What a document remembers: the newest, within its size, whatever stood there before."""

import json
import secrets
from dataclasses import replace

import pytest

from bottega_client.history import MOST_PASTS, MOST_TEXT, SIDE, Past, pack, read, remember
from bottega_client.thumbnails import Thumbnail
from bottega_client.wishes import Wish

NOISE = Thumbnail(SIDE, SIDE, secrets.token_bytes(3 * SIDE**2))
PAST = Past(
    job=bytes(range(16)),
    variation=2,
    capability="refine",
    time=1.7e9,
    seed=7,
    prompt="ein {roter|blauer} Ball, 赤い球",
    negative="fog",
    model="apprentice",
    model_name="Apprentice",
    sampler="Euler a",
    steps=20,
    guidance=4.5,
    strength=0.25,
    clip_skip=2,
    quality="best",
    intent="remove",
    feather=3,
    grow=4,
    left=("steps",),
    **pack(NOISE),
)


def past(number, **fields):
    return replace(PAST, job=number.to_bytes(16, "big"), **fields)


def test_what_is_remembered_is_read_again():
    """Every field, and the picture but for its last bits."""
    (again,) = read(remember("", [PAST]))
    assert again == PAST
    rgb = again.thumbnail().rgb
    assert max(abs(a - b) for a, b in zip(rgb, NOISE.rgb, strict=True)) < 8


def test_a_past_becomes_the_wish_that_it_came_from():
    """What was left to the backend is left to it again."""
    assert PAST.wish() == Wish(
        prompt=PAST.prompt,
        negative="fog",
        model="apprentice",
        sampler="Euler a",
        seed=7,
        steps=0,
        guidance=4.5,
        strength=0.25,
        clip_skip=2,
        quality="best",
        intent="remove",
        feather=3,
        grow=4,
    )


def test_the_newest_come_first_and_each_once():
    text = ""
    for number in (1, 2, 3, 2):
        text = remember(text, [past(number)])
    assert [int.from_bytes(each.job, "big") for each in read(text)] == [2, 3, 1]


def test_old_pictures_go_before_old_results_and_the_text_stays_within_its_size():
    """With pictures that can't be packed at all."""
    text = ""
    for number in range(MOST_PASTS + 9):
        text = remember(text, [past(number)])
        assert len(text.encode()) <= MOST_TEXT
    pasts = read(text)
    assert len(pasts) == MOST_PASTS
    assert pasts[0].job == (MOST_PASTS + 8).to_bytes(16, "big")
    shown = [each.thumbnail() is not None for each in pasts]
    assert shown == sorted(shown, reverse=True)
    assert 0 < sum(shown) < MOST_PASTS


def test_long_prompts_cost_old_results_and_never_the_newest():
    """The longest that a request takes, in characters of four bytes."""
    text = ""
    for number in range(9):
        text = remember(text, [past(number, prompt="🎨" * 8000, negative="🎨" * 8000)])
        assert len(text.encode()) <= MOST_TEXT
    pasts = read(text)
    assert 1 < len(pasts) < 9
    assert pasts[0].job == (8).to_bytes(16, "big")


@pytest.mark.parametrize(
    "text",
    ["", "hello", "[]", "7", "null", '{"results":7}', '{"results":[7,null,"x",{}]}', "[" * 99999,
     '{"results":' + "9" * 9999 + "}", '{"results":[{"job":"zz"}]}', "\ud800"],
)  # fmt: skip
def test_foreign_text_is_passed_over(text):
    """Nothing is read, and what is remembered from here on is."""
    assert read(text) == ()
    assert read(remember(text, [PAST])) == (PAST,)


def test_a_field_of_a_later_release_does_not_cost_the_result():
    """Nor does one entry that is broken cost the others."""
    whole = json.loads(remember("", [PAST, past(5)]))
    whole["results"][0]["mood"] = "sad"
    whole["results"][1]["seed"] = float("nan")
    assert read(json.dumps(whole)) == (PAST,)


@pytest.mark.parametrize("picture", [b"", b"no zlib", pack(Thumbnail(1, 1, bytes(3)))["picture"]])
def test_a_broken_picture_is_none(picture):
    assert replace(PAST, picture=picture).thumbnail() is None
