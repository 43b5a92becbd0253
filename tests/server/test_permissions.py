"""Deny by default: what has no declared permission can't be asked for."""

import pytest

from bottega_backend.server.handlers import HANDLERS
from bottega_backend.server.permissions import (
    ARTISTS,
    EVERY_VISIT,
    INVITED,
    Permission,
    Rule,
    permissions_of,
    table,
)
from bottega_protocol.messages import AskOffers, Fault, Submit


async def nothing(*_):
    """A handler."""


@pytest.mark.parametrize("needs", [frozenset(), None, {Permission.ARTIST}, frozenset({"artist"})])
def test_a_rule_without_a_permission_can_not_be_made(needs):
    """Neither with none, nor with what is none."""
    with pytest.raises(TypeError, match="permission"):
        Rule(needs, nothing)


def test_a_bare_handler_can_not_be_registered():
    """The table takes rules only."""
    with pytest.raises(TypeError, match="AskOffers"):
        table({AskOffers: nothing})


def test_the_table_stays_as_it_is():
    """Nothing is registered behind its back."""
    with pytest.raises(TypeError):
        HANDLERS[AskOffers] = Rule(EVERY_VISIT, nothing)


def test_an_invitation_opens_nothing_of_an_artists():
    """Its holder may hang up, and do what only invitations may."""
    assert permissions_of("invitation:7f") == INVITED
    assert permissions_of("Invitation: impossible") == ARTISTS
    assert HANDLERS[Fault].allows(INVITED)
    assert not HANDLERS[Submit].allows(INVITED)
    assert HANDLERS[Submit].allows(ARTISTS)
