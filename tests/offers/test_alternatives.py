"""Choices in prompts: the seed decides, and what was decided stays."""

from collections import Counter
from contextlib import suppress
from random import Random

import pytest
from fakes.orders import Order
from hypothesis import given
from hypothesis import strategies as st

from bottega_backend.offers.alternatives import MOST_WILDCARDS, resolve, resolve_prompts
from bottega_protocol.errors import Refusal
from bottega_protocol.requests import MOST_PROMPT

LISTS = {
    "colour": ("red", "blue"),
    "thing": ("a __colour__ ball", "{a|the} __colour__ cube"),
    "odd": ("}", "|", "{", "_", "\\", "__x\\", "\\_"),
    "one": ("only",),
    "slash": ("\\",),
    "brace": ("{",),
    "self": ("again __self__",),
    "wide": ("__self2__ " * 3,),
    "self2": ("__colour__ __colour__ " * 40,),
    "long": ("x" * 5000,),
}
TEXTS = st.text("ab_x{}|\\ ") | st.lists(
    st.sampled_from(["{", "|", "}", "__odd__", "__thing__", "_", "\\", "{a|b}", "x", "__"])
).map("".join)


def lines(name: str) -> tuple[str, ...]:
    if name not in LISTS:
        raise Refusal("unknown-wildcard", name)
    return LISTS[name]


def chosen(text: str, seed: int = 0) -> str:
    return resolve(text, Random(seed), lines)


def everything(text: str) -> set[str]:
    return {chosen(text, seed) for seed in range(200)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a {b|c}", {"a b", "a c"}),
        ("{a|{b|c}} d", {"a d", "b d", "c d"}),
        ("{a||b}", {"a", "", "b"}),
        ("{a|b}{c|d}", {"ac", "ad", "bc", "bd"}),
        ("__colour__ sky", {"red sky", "blue sky"}),
        ("{__colour__|grey}", {"red", "blue", "grey"}),
        ("__thing__", {f"{a} {c}" for a in ("a", "the") for c in ("red cube", "blue cube")}
         | {"a red ball", "a blue ball"}),
        ("x__colour__y", {"xredy", "xbluey"}),
        (r"{a\|b|c}", {r"a\|b", "c"}),
        ("{x} {a|b}", {r"\{x\} a", r"\{x\} b"}),
        ("{x {a|b}", {r"\{x a", r"\{x b"}),
        ("x} {a|b}", {r"x\} a", r"x\} b"}),
    ],
)  # fmt: skip
def test_one_of_several_is_taken(text, expected):
    assert everything(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "a cat", "a {b} c", "a | b", "{", "}|{", r"\{a|b\}", r"\__colour\__", "__ __", "____",
     "snake_case_name", "(a:1.2) [b] BREAK"],
)  # fmt: skip
def test_text_in_which_nothing_can_be_chosen_stays_as_it_is(text):
    assert everything(text) == {text}


@given(TEXTS, st.integers(0, 2**32 - 1))
def test_the_same_seed_chooses_the_same(text, seed):
    try:
        first = chosen(text, seed)
    except Refusal:
        with pytest.raises(Refusal):
            chosen(text, seed)
        return
    assert chosen(text, seed) == first


@given(TEXTS, st.integers(0, 9), st.integers(0, 9))
def test_what_was_chosen_is_chosen_for_good(text, seed, other):
    """A recipe's prompt, sent again with any seed, is that prompt."""
    try:
        first = chosen(text, seed)
    except Refusal:
        return
    assert chosen(first, other) == first


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("_{_|_}x__", r"\_\_x\_\_"),
        ("__brace__{_|_}_x__", r"\{\_\_x\_\_"),
        ("__slash__{a", r"\\\{a"),
        (r"__slash__\{a|b}", r"\\\{a|b\}"),
        ("__brace__a|b}", r"\{a|b\}"),
    ],
)
def test_pieces_side_by_side_make_no_notation_that_nobody_wrote(text, expected):
    """Characters that would, together, are escaped: they stay what they were."""
    assert everything(text) == {expected}
    assert everything(expected) == {expected}


def test_every_alternative_has_its_share():
    counts = Counter(chosen("{a|b|c|d}", seed) for seed in range(2000))
    assert set(counts) == set("abcd")
    assert min(counts.values()) > 400


def test_choices_are_those_of_every_release():
    """Jobs that are kept must repeat: this row may never change."""
    assert "".join(chosen("{a|b|c|d}", seed) for seed in range(20)) == FIRST_TWENTY


FIRST_TWENTY = "dadaacdbabcbbbadbcac"


def test_the_negative_prompt_chooses_by_itself():
    def both(prompt, seed):
        order = Order(prompt, negative="{a|b|c}")
        fields = {**vars(order.request), "seed": seed}
        request = resolve_prompts(type(order.request)(**fields), lines)
        return request.prompt, request.negative

    for seed in range(10):
        assert both("plain", seed)[1] == both("{x|y} {x|y}", seed)[1]
    assert len({both("{a|b|c}", seed) for seed in range(90)}) == 9


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("__nobody__", "unknown-wildcard"),
        ("{a|__nobody__}", "unknown-wildcard"),
        ("__self__", "prompt-too-long"),
        ("__one__" * (MOST_WILDCARDS + 1), "prompt-too-long"),
        ("__wide__", "prompt-too-long"),
        ("__long__ __long__", "prompt-too-long"),
    ],
)
def test_what_is_unknown_or_has_no_end_is_refused(text, code):
    """For every seed: also where another alternative is taken."""
    for seed in range(4):
        with pytest.raises(Refusal) as refusal:
            chosen(text, seed)
        assert refusal.value.code == code


@pytest.mark.parametrize("part", ["{", "}", "|", "{{|", "_", "\\", "a|", "{}"])
def test_the_longest_texts_are_read_too(part):
    """Thousands of open braces need no stack of Python's."""
    text = part * (MOST_PROMPT // len(part))
    assert chosen(text) == text


@pytest.mark.parametrize("part", ["{a|", "{|}", "|}{"])
def test_the_longest_choices_come_to_an_end(part):
    text = part * (MOST_PROMPT // len(part) - 3) + "{a|b}"
    with suppress(Refusal):
        assert len(chosen(text)) <= MOST_PROMPT
