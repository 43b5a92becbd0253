"""A studio's server and an artist's panel: invited, let in over TLS, and turned away again."""

import secrets
import socket
import time
from contextlib import closing

import pytest
from client.test_board import Studio
from fakes.served import Served

from bottega_backend.cli.invitations import place
from bottega_backend.store.artists import Artists
from bottega_client.launch import find_server
from bottega_protocol.invitation import Invitation


@pytest.fixture(scope="module")
def studio_server(tmp_path_factory):
    """A server that other machines may reach."""
    folder = tmp_path_factory.mktemp("studio") / "data"
    accounts = {"First": secrets.token_urlsafe(32)}
    with Served(folder, host="0.0.0.0", accounts=accounts) as server:  # noqa: S104  # as a studio does
        yield server


@pytest.fixture
def artist(tmp_path, monkeypatch):
    """An artist's computer: it has no server of its own, and finds none."""
    monkeypatch.setenv("BOTTEGA_DATA", str(tmp_path / "nothing"))
    one = Studio()
    one.easel.start()
    yield one
    one.easel.close()


def invite(served, name):
    """An invitation as it is pasted, once the server has seen the list."""
    with closing(Artists(served.data)) as artists:
        secret = artists.add(name)
    time.sleep(1)
    return place(served.data, None).invitation(secret)


def warned(artist, words):
    """Wait for a warning that holds these words."""
    artist.until(lambda: any(words in said[0] for said in artist.face.told("notice", "warn")))


@pytest.mark.parametrize("form", ["link", "text"])
def test_a_pasted_invitation_lets_in_over_tls_from_then_on(artist, studio_server, form):
    """The address that is kept has the certificate's pin, and the artist's own token."""
    pasted = getattr(invite(studio_server, f"Anna {form}"), form)
    artist.do(artist.board.connect, pasted, "")
    artist.until(lambda: artist.face.told("paint", "show_offers"))
    kept = artist.bench.server
    assert kept.url.startswith("wss://")
    assert kept.pin == find_server(studio_server.data).pin
    assert kept.token != studio_server.token
    artist.do(artist.board.begin)
    artist.until(lambda: artist.bench.paper.placed)
    assert [job.prompt for job in artist.easel._tools.connection.client().results()] == ["a boat"]
    tomorrow = Studio()
    tomorrow.bench.server = kept
    tomorrow.do(tomorrow.board.start)
    tomorrow.until(lambda: tomorrow.face.told("paint", "show_offers"))
    tomorrow.easel.close()


def test_the_address_as_it_stands_in_the_dialog_is_the_one_that_was_kept(artist, studio_server):
    """Nobody types its certificate again."""
    artist.do(artist.board.connect, invite(studio_server, "Bea").link, "")
    artist.until(lambda: artist.face.told("paint", "show_offers"))
    kept = artist.bench.server
    artist.do(artist.board.connect, kept.url, "")
    assert artist.bench.server == kept


def test_an_invitation_that_was_used_says_so_and_changes_nothing(artist, studio_server):
    """Nor does one with a slip in it."""
    link = invite(studio_server, "Carl").link
    artist.do(artist.board.connect, link, "")
    artist.until(lambda: artist.face.told("paint", "show_offers"))
    kept = artist.bench.server
    artist.do(artist.board.connect, link, "")
    warned(artist, "does not take this invitation")
    artist.do(artist.board.connect, link[:-3] + "AAA", "")
    warned(artist, "missing or wrong")
    assert artist.bench.server == kept


def test_an_artist_whose_access_was_taken_back_is_told_what_to_do(artist, studio_server):
    """In words without tokens and proofs."""
    artist.do(artist.board.connect, invite(studio_server, "Dora").link, "")
    artist.until(lambda: artist.face.told("paint", "show_offers"))
    with closing(Artists(studio_server.data)) as artists:
        artists.revoke("Dora")
    warned(artist, "the access was taken back")
    message, remedy, *_ = artist.face.told("notice", "warn")[-1]
    assert "invitation" in remedy
    assert "proof" not in message


def test_an_artist_is_not_told_to_start_a_server(artist):
    """The studio's does not run: only whoever has its machine can help."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    nobody = Invitation("127.0.0.1", port, bytes(16), bytes(32))
    artist.do(artist.board.connect, nobody.link, "")
    warned(artist, "No Bottega server answers")
    remedies = [said[1] for said in artist.face.told("notice", "warn") if nobody.url in said[0]]
    assert remedies
    assert [remedy for remedy in remedies if "bottega serve" in remedy] == []
