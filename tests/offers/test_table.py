"""What can be asked, and what is refused before anything is read."""

from __future__ import annotations

import hashlib

import pytest

from bottega_backend.offers.table import (
    CAPABILITIES,
    SAMPLERS,
    admit,
    choose_model,
    choose_sampler,
    find_capability,
    offers,
)
from bottega_backend.shelf.catalog import Catalog
from bottega_protocol.errors import Refusal
from bottega_protocol.images import Image
from bottega_protocol.messages import Offers
from bottega_protocol.regions import Rectangle, Size
from bottega_protocol.requests import REQUESTS, FillRequest

CATALOG = Catalog()


def request(model: str = "", sampler: str = "") -> FillRequest:
    digest = hashlib.sha256(b"").digest()
    return FillRequest(
        canvas=Size(9, 9),
        selection=Rectangle(0, 0, 2, 2),
        rectangle=Rectangle(0, 0, 4, 4),
        pixels=Image(4, 4, "RGBA", "u8", digest),
        mask=Image(4, 4, "GRAY", "u8", digest, "linear"),
        model=model,
        sampler=sampler,
    )


def test_every_kind_of_request_has_its_line_in_the_table() -> None:
    """Wire and table name the same capabilities in the same order."""
    assert [capability.name for capability in CAPABILITIES] == [name for name, _ in REQUESTS]


def test_offers_fit_on_the_wire_and_agree_with_each_other() -> None:
    """Every default model is offered, and its sampler is in the list."""
    capabilities, models = offers(CATALOG)
    Offers(1, capabilities, models, SAMPLERS)
    ids = {model.id for model in models}
    for capability in capabilities:
        assert capability.model in ids
        assert capability.sampler in SAMPLERS


def test_a_request_without_names_gets_the_defaults() -> None:
    """Empty means the default of the capability and of its model."""
    model = admit(request(), CATALOG)
    assert model.id == "apprentice-inpaint"
    assert choose_sampler("", model) == model.sampler
    assert choose_sampler("Euler", model) == "Euler"


@pytest.mark.parametrize(
    ("asked", "code"),
    [(request(model="nobody"), "unknown-model"), (request(sampler="Heun?"), "unknown-sampler")],
)
def test_unknown_names_are_refused_with_what_there_is(asked: FillRequest, code: str) -> None:
    """The remedy lists what could be chosen."""
    with pytest.raises(Refusal) as caught:
        admit(asked, CATALOG)
    assert caught.value.code == code
    assert "apprentice" in caught.value.remedy or "Euler" in caught.value.remedy


def test_an_unknown_capability_is_refused() -> None:
    """So is a model that is asked for it."""
    for call in (find_capability, lambda name: choose_model(name, "", CATALOG), CATALOG.default):
        with pytest.raises(Refusal) as caught:
            call("levitate")
        assert caught.value.code == "unknown-capability"
