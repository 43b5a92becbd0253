"""The artist's words, and what the main button does."""

import pytest

from bottega_client.choose import (
    CAPABILITIES,
    INTENTS,
    QUALITIES,
    STRENGTH,
    button_for,
    capability_for,
    label_of,
)
from bottega_protocol import requests


@pytest.mark.parametrize(
    ("selected", "strength", "capability"),
    [(True, 1, "fill"), (True, 0.5, "refine"), (False, 1, "generate"), (False, 0.99, "refine")],
)
def test_the_button_goes_by_selection_and_strength(selected, strength, capability):
    assert capability_for(selected, strength) == capability


def test_every_name_of_the_protocol_has_its_word_and_no_other_has():
    """In the protocol's order, with a tip, and no two alike."""
    tables = ((INTENTS, requests.INTENTS), (QUALITIES, requests.QUALITIES))
    capabilities = tuple(name for name, _ in requests.REQUESTS)
    for choices, names in (*tables, (CAPABILITIES, capabilities)):
        assert tuple(choice.name for choice in choices) == names
        assert len({choice.label for choice in choices}) == len(names)
        assert all(choice.tip for choice in choices)


def test_no_strength_means_what_the_requests_say():
    for name, record in requests.REQUESTS:
        field = record.__dataclass_fields__.get("strength")
        assert STRENGTH[name] == (field.default if field else 1.0)


def test_the_button_says_what_happens():
    assert [button_for(name) for name in STRENGTH] == ["Generate", "Fill", "Refine"]
    assert button_for("fill", "remove") == "Remove content"
    assert button_for("refine", "remove") == "Refine"
    assert label_of(CAPABILITIES, "new") == "new"
