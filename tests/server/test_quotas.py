"""Limits of one artist, through a real server whose settings are narrow."""

import hashlib
from contextlib import suppress

import pytest
from fakes.orders import Order
from fakes.served import Served
from fakes.talk import talk

from bottega_backend.settings import SETTINGS_FILE
from bottega_backend.store.artists import Artists
from bottega_protocol.messages import (
    Accepted,
    Announce,
    AskOffers,
    Finished,
    Need,
    Offers,
    Refused,
    Stopped,
    Stored,
)

OTHER = "the token of somebody else"
HASTY = "the token of somebody in a hurry"
MANY = 60

SETTINGS = """
[limits]
uploads = 0.001
megapixels = 0.1
jobs = 2
kept_gigabytes = 0.004
"""


@pytest.fixture(scope="module")
def narrow(tmp_path_factory):
    data = tmp_path_factory.mktemp("narrow") / "data"
    data.mkdir()
    (data / SETTINGS_FILE).write_text(SETTINGS)
    with Served(data, accounts={"other": OTHER, "hasty": HASTY}) as served:
        yield served


ASKED = Order(side=16).submit
"""A job whose pixels nobody sends: the answer shows that what was said before has been heard."""


def announced(line, number, size):
    """What the server says to an announced blob that never comes; nothing where it may come."""
    line.heard.clear()
    line.session.send(Announce(number, bytes([number]) * 32, size))
    line.session.send(ASKED)
    line.until(Need)
    return next((event for event in line.heard if isinstance(event, Stopped)), None)


def test_uploads_of_one_artist_are_bounded_together(narrow):
    """Over all connections; when one of them ends there is room again; nobody else pays."""
    with talk(narrow.url, OTHER, "other") as line, talk(narrow.url, OTHER, "other") as second:
        assert announced(line, 1, 600_000) is None
        stopped = announced(second, 2, 600_000)
        assert (stopped.code, bool(stopped.remedy)) == ("over-limit", True)
        with talk(narrow.url, narrow.token) as third:
            assert announced(third, 3, 600_000) is None
        line.session.stop(Stopped(1, "not-wanted", "never mind"))
        line.ask(ASKED, Need)
        assert announced(second, 4, 600_000) is None


def test_a_job_has_so_many_pixels(narrow):
    """All variations together; smaller ones are taken."""
    large = Order(side=330, selected=False, capability="generate")
    small = Order(side=64, selected=False, capability="generate")
    with talk(narrow.url, narrow.token) as line:
        refused = line.ask(large.submit, Refused)
        assert refused.code == "over-limit"
        assert "megapixels" in refused.message
        line.ask(small.submit, Accepted)
        line.until(Finished)


def test_an_artist_has_so_many_jobs(narrow, tmp_path):
    """The third waits until one has ended; another artist's is taken."""
    gate = tmp_path / "gate"
    with talk(narrow.url, narrow.token) as line, talk(narrow.url, OTHER, "other") as other:
        orders = [
            Order(f"hold:{gate}", side=32, selected=False, capability="generate") for _ in range(4)
        ]
        for order in orders[:2]:
            line.ask(order.submit, Accepted)
        refused = line.ask(orders[2].submit, Refused)
        assert (refused.code, bool(refused.remedy)) == ("busy", True)
        other.ask(orders[3].submit, Accepted)
        gate.touch()


def test_what_is_stored_of_one_artist_has_an_end(narrow):
    """What came counts, and what is about to come; the answer is no word about the disk."""
    with talk(narrow.url, OTHER, "other") as line:
        for number in range(1, 5):
            content = bytes([number]) * 900_000
            line.heard.clear()
            line.upload(number, hashlib.sha256(content).digest(), content)
            line.until(Stored)
        stopped = announced(line, 9, 900_000)
    assert stopped.code == "over-limit"
    assert "GB of yours" in stopped.message


def test_whoever_says_too_much_is_read_more_slowly(narrow):
    """By a quota that is set while the server runs; others are answered meanwhile."""
    artists = Artists(narrow.data)
    artists.set_quota("hasty", {"messages": 1})
    artists.close()
    with talk(narrow.url, HASTY, "hasty") as line, talk(narrow.url, OTHER, "other") as other:
        answered = MANY
        while answered == MANY:  # until the server has heard of the quota
            for number in range(MANY):
                line.session.send(AskOffers(number))
            line.flush()
            line.heard.clear()
            line.until(Offers)
            for number in range(MANY // 2):
                other.ask(AskOffers(number), Offers)
            with suppress(TimeoutError):
                while True:
                    line.heard += line.session.receive(line.socket.recv(timeout=0))
            answered = sum(isinstance(event, Offers) for event in line.heard)
        assert 0 < answered < MANY
