"""The list of artists: names, invitations, tokens, what survives."""

import sqlite3
import stat
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bottega_backend.errors import StoreFailed
from bottega_backend.store.artists import (
    ARTISTS_FILE,
    MINUTES,
    MOST_NAME,
    Artists,
    ArtistsError,
    check_name,
)
from bottega_protocol.invitation import account_of, token_of
from bottega_protocol.scram import make_verifier


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self):
        self.time = 1_800_000_000.0

    def __call__(self):
        return self.time


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def artists(tmp_path, clock):
    opened = Artists(tmp_path, clock)
    yield opened
    opened.close()


def fits(door, token):
    """Whether a token is what a door was made for."""
    return make_verifier(token, door.verifier.salt) == door.verifier


def test_an_invitation_is_good_once(artists):
    """It gives a login and a token of the artist; the second one gets nothing."""
    secret = artists.add("Anna")
    login, token = artists.redeem(account_of(secret), "Krita")
    assert artists.redeem(account_of(secret), "Krita") is None
    doors = artists.known().doors
    assert set(doors) == {login}
    assert doors[login].account == "Anna"
    assert fits(doors[login], token)


def test_of_many_who_redeem_at_once_one_gets_in(tmp_path):
    """Each on a connection of its own, as a server and its successor could be."""
    start = threading.Barrier(8)

    def redeem(_):
        with closing(Artists(tmp_path)) as own:
            start.wait()
            return own.redeem(login, "")

    with closing(Artists(tmp_path)) as artists, ThreadPoolExecutor(8) as pool:
        login = account_of(artists.add("Anna"))
        given = [each for each in pool.map(redeem, range(8)) if each is not None]
        assert artists.find("Anna").keys == 1
    assert len(given) == 1


def test_an_invitation_ends_after_ten_minutes(artists, clock):
    """To the second; and a clock that is set back does not bring it back."""
    secret = artists.add("Anna")
    door = artists.known().doors[account_of(secret)]
    clock.time += 60 * MINUTES - 1
    assert door.good(clock.time)
    clock.time += 1
    assert not door.good(clock.time)
    assert artists.redeem(account_of(secret), "") is None
    clock.time -= 300
    assert artists.redeem(account_of(secret), "") is None
    early = artists.invite("Anna")
    clock.time -= 3600
    assert artists.redeem(account_of(early), "") is None


def test_no_token_lies_in_the_file(artists, tmp_path):
    """Neither an invitation's secret nor an artist's token: only what checks them."""
    secret = artists.add("Anna")
    invited = artists.invite("Anna")
    _, token = artists.redeem(account_of(secret), "Krita")
    artists._base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    for told in (secret, invited, token.encode(), token_of(invited).encode()):
        assert told not in kept


def test_its_files_are_for_the_owner_alone(artists, tmp_path):
    """Those that SQLite adds too, whatever the process's umask is."""
    artists.add("Anna")
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert ARTISTS_FILE in modes
    assert set(modes.values()) == {0o600}


def test_every_change_is_synced(artists):
    """As the journal's are: FULL."""
    assert artists._base.execute("PRAGMA synchronous").fetchone() == (2,)


def test_another_connection_sees_that_something_changed(artists, tmp_path):
    """The command line writes, the server looks at a number."""
    server = Artists(tmp_path)
    before = server.version()
    assert server.version() == before
    artists.add("Anna")
    assert server.version() != before
    assert "Anna" in server.known().quotas
    server.close()


def test_revoking_takes_tokens_and_invitations(artists):
    """In whatever case the name was typed; adding lets in again, with a new token only."""
    _, old = artists.redeem(account_of(artists.add("Anna")), "")
    artists.invite("anna")
    assert artists.revoke("ANNA") == "Anna"
    assert artists.known().doors == {}
    assert artists.known().quotas == {}
    with pytest.raises(ArtistsError):
        artists.invite("Anna")
    login, new = artists.redeem(account_of(artists.add("anna")), "")
    assert artists.known().doors[login].account == "Anna"
    assert not fits(artists.known().doors[login], old)
    assert fits(artists.known().doors[login], new)


def test_removing_frees_the_name(artists):
    """Somebody else may have it, in another case too."""
    artists.add("Anna")
    artists.remove("anna")
    assert artists.everyone() == []
    artists.add("ANNA")
    assert [artist.account for artist in artists.everyone()] == ["ANNA"]


def test_a_name_that_was_removed_is_in_no_file(tmp_path):
    """Nor in the log that a server beside keeps open."""
    with closing(Artists(tmp_path)) as server, closing(Artists(tmp_path)) as artists:
        artists.add("Artemisia")
        assert server.known().quotas
        artists.remove("Artemisia")
        held = [path.name for path in tmp_path.iterdir() if b"Artemisia" in path.read_bytes()]
        assert held == []


def test_who_is_revoked_in_the_same_moment_is_not_invited(tmp_path):
    """The other command had the file first: what it did is seen."""
    with closing(Artists(tmp_path)) as artists, ThreadPoolExecutor(1) as other:
        artists.add("Anna")
        with closing(sqlite3.connect(tmp_path / ARTISTS_FILE, isolation_level=None)) as base:
            base.execute("BEGIN IMMEDIATE")
            base.execute("UPDATE artists SET revoked = 1")
            invited = other.submit(invite, tmp_path, "Anna")
            wait([invited], 0.3)
            base.execute("COMMIT")
        with pytest.raises(ArtistsError, match="taken back"):
            invited.result()


def invite(folder, name):
    """As another command does."""
    with closing(Artists(folder)) as artists:
        return artists.invite(name)


@pytest.mark.parametrize("other", ["anna", "ANNA", "\uff21nna"])
def test_two_names_that_look_alike_are_one(artists, other):
    """Nobody comes in as somebody else's twin."""
    artists.add("Anna")
    with pytest.raises(ArtistsError, match="Anna already"):
        artists.add(other)


@pytest.mark.parametrize(
    "name",
    [
        *("", " ", " a", "a ", "a\n", "a\x1b[2J", "a\u202eb", "local", "LOCAL", "invitation"),
        *("a:b", "-a", "a" * (MOST_NAME + 1)),
    ],
)
def test_a_name_that_can_not_be_is_refused(artists, name):
    """Before anything is written."""
    with pytest.raises(ArtistsError):
        artists.add(name)
    assert artists.everyone() == []


@given(st.text(min_size=1, max_size=70))
def test_every_name_is_taken_as_it_is_or_refused(name):
    """What is taken can be printed, and is no login of another kind."""
    try:
        kept = check_name(name)
    except ArtistsError:
        return
    assert kept.isprintable()
    assert ":" not in kept
    assert len(kept) <= MOST_NAME


def test_quotas_are_kept_for_those_who_may_come(artists):
    """And gone with the artist."""
    artists.add("Anna")
    artists.set_quota("anna", {"jobs": 3.0})
    assert artists.known().quotas == {"Anna": {"jobs": 3.0}}
    artists.revoke("Anna")
    assert artists.known().quotas == {}


def test_a_change_that_fails_changes_nothing(artists):
    """An artist whose invitation could not be written is not there."""
    artists._base.execute("DROP TABLE invitations")
    with pytest.raises(sqlite3.Error):
        artists.add("Anna")
    assert artists._base.execute("SELECT COUNT(*) FROM artists").fetchone() == (0,)


def test_a_file_of_another_format_is_refused(tmp_path):
    """With its name, and left as it is."""
    file = tmp_path / ARTISTS_FILE
    base = sqlite3.connect(file)
    base.execute("PRAGMA user_version = 99")
    base.close()
    with pytest.raises(StoreFailed, match="99"):
        Artists(tmp_path)
