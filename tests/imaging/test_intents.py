"""What the artist wants decides what a hole holds before it is painted."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bottega_backend.imaging.prefill import GREY, prefill
from bottega_backend.imaging.structure import continue_structure

INTENTS = ("fill", "remove", "replace")
"""Those that put something into the hole."""

Y, X = np.mgrid[:256, :256].astype(np.float32)[..., np.newaxis]


def horizon() -> np.ndarray:
    return np.where(Y < 130, [0.5, 0.7, 0.9], [0.3, 0.5, 0.2]).astype(np.float32)


def stripes() -> np.ndarray:
    return np.repeat(0.5 + 0.3 * np.sign(np.sin((X + Y) / 10)), 3, axis=2).astype(np.float32)


def tiles() -> np.ndarray:
    odd = (X // 32 + Y // 32) % 2 > 0
    return np.where(odd, [0.8, 0.7, 0.6], [0.2, 0.3, 0.4]).astype(np.float32)


def gradient() -> np.ndarray:
    return np.repeat(0.2 + 0.6 * X / 256, 3, axis=2).astype(np.float32)


def disc() -> np.ndarray:
    mask = np.zeros((256, 256), np.float32)
    cv2.circle(mask, (135, 125), 40, 1, -1)
    return mask


def with_thing(ground: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """A red disc and its shadow, which reaches beyond the mask."""
    shadow = cv2.GaussianBlur(mask, (0, 0), 5)[..., np.newaxis] * 0.5
    return np.where(mask[..., np.newaxis] > 0, [0.9, 0.1, 0.1], ground * (1 - shadow)).astype(
        np.float32
    )


@pytest.mark.parametrize("ground", [horizon, stripes, tiles, gradient])
def test_a_thing_is_removed_as_if_it_had_never_been(ground: Callable[[], np.ndarray]) -> None:
    """Its shadow leaves no trace, lines and patterns go on: a third of the error of a fill."""
    mask, before = disc(), ground()
    picture = with_thing(before, mask)
    errors = {
        intent: np.abs(prefill(picture, mask, intent) - before)[mask > 0].mean()
        for intent in ("fill", "remove")
    }
    assert errors["remove"] < errors["fill"] / 3
    assert errors["remove"] < 0.06


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(INTENTS),
    st.integers(1, 90),
    st.integers(1, 90),
    st.sampled_from(["line", "islands", "half", "all", "none", "soft"]),
    st.integers(0, 999),
)
def test_every_intent_leaves_what_is_not_masked(
    intent: str, width: int, height: int, kind: str, seed: int
) -> None:
    """Bit by bit; and what it fills in is finite and in range, whatever the mask."""
    rng = np.random.default_rng(seed)
    rgb = rng.random((height, width, 3)).astype(np.float32)
    mask = {
        "line": lambda: np.eye(height, width, dtype=np.float32),
        "islands": lambda: (rng.random((height, width)) < 0.5).astype(np.float32),
        "half": lambda: np.tile(np.arange(width) > width // 2, (height, 1)).astype(np.float32),
        "all": lambda: np.ones((height, width), np.float32),
        "none": lambda: np.zeros((height, width), np.float32),
        "soft": lambda: rng.random((height, width)).astype(np.float32),
    }[kind]()
    filled = prefill(rgb, mask, intent)
    assert filled.dtype == np.float32
    assert np.array_equal(filled[mask == 0], rgb[mask == 0])
    assert np.isfinite(filled).all()
    assert filled.min() >= 0
    assert filled.max() <= 1


@pytest.mark.parametrize("intent", INTENTS)
def test_what_lay_under_the_mask_does_not_show(intent: str) -> None:
    """Two pictures that differ only under the mask are filled the same."""
    mask = disc()
    one, other = horizon(), horizon()
    other[mask == 1] = [0.9, 0.1, 0.9]
    assert np.array_equal(prefill(one, mask, intent), prefill(other, mask, intent))


def test_another_background_begins_as_grey() -> None:
    """Of the old one nothing is left, not even at the edge."""
    filled = prefill(tiles(), disc(), "replace")
    assert (filled[disc() > 0] == GREY).all()


def test_intents_differ() -> None:
    """Counter-proof: on one picture each intent fills something else."""
    fills = [prefill(with_thing(tiles(), disc()), disc(), intent) for intent in INTENTS]
    for index, one in enumerate(fills):
        for other in fills[index + 1 :]:
            assert np.abs(one - other)[disc() > 0].mean() > 1e-2


def test_too_little_to_learn_from_leaves_the_beginning() -> None:
    """With a few known pixels there is no structure to go on with."""
    begin = np.full((64, 64, 3), 0.25, np.float32)
    known = np.zeros((64, 64), bool)
    known[:3, :3] = True
    guess = continue_structure(np.ones((64, 64, 3), np.float32), known, begin)
    assert np.allclose(guess[10:, 10:], 0.25)
