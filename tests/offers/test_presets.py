"""Qualities: more steps and finer passes, within what a model was made for."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from bottega_backend.offers.presets import PACES, PASSES, preset_steps
from bottega_backend.shelf.catalog import BUILT_INS
from bottega_protocol.requests import QUALITIES


@pytest.mark.parametrize("kind", [*PACES, "a kind to come"])
@pytest.mark.parametrize("steps", [1, 2, 4, 8, 20, 25, 50, 150])
def test_a_better_quality_makes_no_fewer_steps(kind: str, steps: int) -> None:
    """Good is the model's own number, and nobody makes none or more than the wire takes."""
    model = replace(BUILT_INS[0], kind=kind, steps=steps)
    found = [preset_steps(model, quality) for quality in QUALITIES]
    assert found == sorted(found)
    assert found[1] == steps
    assert found[0] >= 1
    assert found[2] <= 150


def test_the_worked_numbers() -> None:
    """Half and more for a model of 25 steps; a model distilled for 4 stays near them."""
    grown = replace(BUILT_INS[0], kind="", steps=25)
    assert [preset_steps(grown, quality) for quality in QUALITIES] == [12, 25, 40]
    lightning = replace(BUILT_INS[0], kind="lightning", steps=4)
    assert [preset_steps(lightning, quality) for quality in QUALITIES] == [4, 4, 8]
    turbo = replace(BUILT_INS[0], kind="turbo", steps=4)
    assert [preset_steps(turbo, quality) for quality in QUALITIES] == [2, 4, 8]


@pytest.mark.parametrize("side", [64, 512, 1024])
def test_a_better_quality_paints_finer(side: int) -> None:
    """And none paints less than the model's native area."""
    most = [PASSES[quality].most_pixels(side**2) for quality in QUALITIES]
    assert all(one < other for one, other in pairwise(most))
    assert most[0] >= side**2
