"""A prompt's notation: any text is a prompt, weights are A1111's."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bottega_backend.engine.prompt_syntax import MOST_WEIGHT, Piece, parse

NOTATION = st.text("ab :.,-+0123456789()[]{}|_\\\nBREAK")
PLAIN = st.text().filter(lambda text: not re.search(r"[()\[\]\\]|BREAK", text))
PIECES = st.lists(
    st.tuples(
        st.text("xyz ()[]{}|\\,:", min_size=1),
        st.decimals(-9, 9, places=2).map(float).filter(lambda weight: weight != 1),
    ),
    min_size=1,
)


def pieces(prompt: str) -> list[tuple[str, float]]:
    """The only section, rounded as people write weights."""
    (section,) = parse(prompt)
    return [(piece.text, round(piece.weight, 6)) for piece in section]


def escaped(text: str) -> str:
    return re.sub(r"[()\[\]{}|\\]", lambda match: "\\" + match[0], text)


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("a cat", [("a cat", 1)]),
        ("a (cat)", [("a ", 1), ("cat", 1.1)]),
        ("a [cat] here", [("a ", 1), ("cat", 0.909091), (" here", 1)]),
        ("(a:1.3) b", [("a", 1.3), (" b", 1)]),
        ("( a : 1.3 )", [(" a ", 1.3)]),
        ("((a))", [("a", 1.21)]),
        ("((a:2) b:3)", [("a", 6), (" b", 3)]),
        ("([a])", [("a", 1)]),
        ("(a [b:0.5)", [("a ", 0.5), ("b", 0.454545)]),
        ("(a:-.5)", [("a", -0.5)]),
        ("(a:1.0) b", [("a b", 1)]),
        ("(a b", [("a b", 1.1)]),
        ("[a (b", [("a ", 0.909091), ("b", 1)]),
        ("a) b] c:1.2)", [("a) b] c:1.2)", 1)]),
        ("[a:1.2]", [("a:1.2", 0.909091)]),
        ("(a:1.2.3)", [("a:1.2.3", 1.1)]),
        (r"\(a\) \[b\] \\ \{c\|d\} \_\_", [(r"(a) [b] \ {c|d} __", 1)]),
        (r"\a \ ", [(r"\a \ ", 1)]),
        (r"(\(a\):1.5)", [("(a)", 1.5)]),
        ("(a:99)", [("a", MOST_WEIGHT)]),
        ("", []),
    ],
)
def test_brackets_weigh_as_artists_know_them(prompt, expected):
    assert pieces(prompt) == expected


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("a BREAK b", [["a"], ["b"]]),
        ("a\nBREAK\nb", [["a"], ["b"]]),
        ("a BREAK BREAK b", [["a"], [], ["b"]]),
        ("BREAK a BREAK", [[], ["a"]]),
        ("BREAK", [[]]),
        ("BREAKFAST break", [["BREAKFAST break"]]),
        ("(a BREAK b:2)c", [["a"], ["b", "c"]]),
    ],
)
def test_break_begins_a_section(prompt, expected):
    assert [[piece.text for piece in section] for section in parse(prompt)] == expected


def test_brackets_reach_over_a_break():
    assert parse("(a BREAK b:2)") == ((Piece("a", 2.0),), (Piece("b", 2.0),))


@given(NOTATION)
def test_any_text_is_a_prompt(text):
    sections = parse(text)
    assert sections
    for section in sections:
        assert all(piece.text and abs(piece.weight) <= MOST_WEIGHT for piece in section)
        assert all(a.weight != b.weight for a, b in pairwise(section))


@given(PLAIN)
def test_text_without_notation_comes_out_as_it_is(text):
    assert parse(text) == (((Piece(text),) if text else ()),)


@given(PIECES)
def test_what_was_written_is_read_again(written):
    """Any text, escaped, keeps its characters and the weight that it was given."""
    prompt = "".join(f"({escaped(text)}:{weight})" for text, weight in written)
    (section,) = parse(prompt)
    assert "".join(piece.text for piece in section) == "".join(text for text, _ in written)
    assert [w for piece in section for w in [piece.weight] * len(piece.text)] == [
        w for text, weight in written for w in [weight] * len(text)
    ]


@pytest.mark.parametrize("part", ["(", "[", "(a:9", "(a", ")", "(a)", "\\", ":1)"])
def test_the_longest_prompts_are_read_too(part):
    """Thousands of open brackets need no stack of Python's, and no infinite weight."""
    sections = parse(part * (8000 // len(part)))
    assert all(abs(piece.weight) <= MOST_WEIGHT for section in sections for piece in section)
