"""From an invitation to a layer: Krita on a machine without a server, a studio's over TLS."""

from __future__ import annotations

import pytest
from editors.conftest import invite

pytestmark = pytest.mark.editor


@pytest.fixture(scope="module")
def notes(play, start_server, tmp_path_factory):
    """What the scenario wrote down."""
    data = tmp_path_factory.mktemp("studio")
    invite(data, "Anna")
    server = start_server(data, "--host", "0.0.0.0")  # noqa: S104  # as a studio does
    link = invite(data, "Bea", f"127.0.0.1:{server.url.rpartition(':')[2]}")
    return play("invited", {"invitation": link.encode()}).notes


def test_an_invitation_needs_no_token(notes):
    assert notes["token wanted"] == [True]
    assert not notes["token wanted then"]


def test_from_then_on_the_line_is_encrypted_and_its_certificate_known(notes):
    kept = notes["kept"]
    assert kept["url"].startswith("wss://")
    assert len(bytes.fromhex(kept["pin"])) == 32
    assert kept["account"].startswith("Bea")
    assert kept["token"]


def test_what_is_asked_comes_back_as_a_layer(notes):
    assert notes["state"] == "placed"
    assert [kind for _, kind, _ in notes["layers"]].count("paintlayer") == 2


def test_the_artist_is_told_who_she_is_there(notes):
    assert notes["said"].startswith("You are Bea")
