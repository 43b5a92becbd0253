"""Whoever asks for what is not theirs: every message, every way, and what the docs say of it."""

import itertools
import os
import time
from pathlib import Path

import pytest
from fakes.intruder import CHUNK, NOTHING, Intruder, messages
from fakes.orders import Order
from fakes.served import Served
from fakes.talk import talk

from bottega_backend.server.handlers import HANDLERS
from bottega_backend.server.permissions import INVITED
from bottega_backend.store.artists import Artists
from bottega_protocol.invitation import account_of, token_of
from bottega_protocol.messages import AskResults, Fault, Finished, Follow, Refused, Results

OTHER = "the token of somebody else"
PAGE = Path(__file__).parents[2] / "docs" / "unauthorised.md"
BEGIN, END = "<!-- table: made by the tests -->\n", "<!-- end of the table -->\n"
COLUMNS = (
    "message",
    "no proof",
    "hello, no proof",
    "wrong token",
    "invitation only",
    "another's job",
    "another's pixels",
)
SHAKES = ("hello", "proof")
PROBES = 60


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    data = tmp_path_factory.mktemp("unauthorised") / "data"
    with Served(data, accounts={"other": OTHER, "third": "token of a third"}) as served:
        yield served


@pytest.fixture(scope="module")
def intruder(door):
    """Somebody with a token of his own, after the owner has had a picture painted."""
    order = Order("nobody else's heron")
    finished = list(order.follow(door.client()))[-1]
    assert isinstance(finished, Finished)
    door.hang_up()
    return Intruder(door, order, finished)


@pytest.fixture(scope="module")
def rows(door, intruder):
    """The whole table: what each message got, by its name."""
    secret = invitation(door)
    found = {}
    for name, message in sorted(messages().items(), key=lambda entry: entry[0] == "redeem"):
        tokens = {intruder.wrong_token(message, who, "no token") for who in ("local", "nobody")}
        with talk(door.url, OTHER, "other") as line:
            found[name] = (
                intruder.unproved(message),
                intruder.after_hello(message),
                " / ".join(sorted(tokens)),
                intruder.invited(message, secret),
                intruder.others_job(message, line),
                intruder.others_hash(message, line),
            )
    return {name: found[name] for name in messages()}


def invitation(door):
    """One that the server has heard of."""
    artists = Artists(door.data)
    secret = artists.invite("third")
    artists.close()
    while True:
        with talk(door.url, token_of(secret), account_of(secret)) as line:
            if line.session.open:
                return secret
        time.sleep(0.05)


@pytest.mark.parametrize("name", messages())
def test_nothing_is_granted_without_a_proof(rows, name):
    """A fault, or a challenge that anybody gets, and not another word."""
    unproved, after_hello, unknown, *_ = rows[name]
    allowed = {"hello": "challenge", "fault": NOTHING}.get(name, "fault `not-allowed-now`")
    assert unproved == allowed
    assert after_hello in ("fault `not-allowed-now`", "fault `bad-proof`", NOTHING)
    assert unknown == "fault `bad-proof`"


@pytest.mark.parametrize("name", messages())
def test_an_invitation_opens_one_thing_only(rows, name):
    """What its holder may not do is answered alike, whatever it is."""
    expected = {"redeem": "redeemed", "fault": NOTHING, "grant": NOTHING}
    if name == CHUNK:  # of a transfer that was never begun: the session drops it
        assert rows[name][3] in (NOTHING, "fault `not-allowed-now`")
    elif name in expected:
        assert rows[name][3].startswith(expected[name])
    else:
        assert rows[name][3] == "fault `not-allowed-now`"


@pytest.mark.parametrize("name", messages())
def test_what_is_anothers_is_answered_like_what_is_nobodys(rows, name):
    """Jobs and pixels, to the last field of every answer."""
    *_, job, pixels = rows[name]
    assert job is None or job.startswith("= nobody's: ")
    assert pixels is None or pixels.startswith("= nobody's: ") or pixels == "needs every blob sent"
    assert "stored" not in (pixels or "")


def test_each_message_that_names_something_was_tried(rows):
    """Jobs and pixels are named by as many messages as there are."""
    assert {name for name, row in rows.items() if row[4]} >= {"submit", "follow", "cancel"}
    assert {name for name, row in rows.items() if row[5]} == {"submit", "fetch", "announce"}


def test_nothing_of_anothers_is_listed(door, intruder):
    """Neither by a search for its very words."""
    with talk(door.url, OTHER, "other") as line:
        for search in ("", "heron"):
            listed = line.ask(AskResults(1, search=search), Results)
            assert intruder.job not in {job.job for job in listed.jobs}


def test_one_who_was_sent_away_is_a_stranger(door, intruder):
    """His open line is cut, whatever he says on it; his token is as good as none."""
    artists = Artists(door.data)
    with talk(door.url, "token of a third", "third") as line:
        artists.revoke("third")
        fault, _ = line.to_the_end()
        assert isinstance(fault, Fault)
    for message in messages().values():
        before = intruder.wrong_token(message, "third", "token of a third")
        assert before == intruder.wrong_token(message, "nobody", "token of a third")
    artists.close()


def test_the_time_of_an_answer_tells_nothing(door, intruder):
    """Another's job and nobody's, asked in turns: neither is the slower one as a rule."""
    with talk(door.url, OTHER, "other") as line:

        def seconds(job):
            began = time.perf_counter()
            line.ask(Follow(job), Refused)
            return time.perf_counter() - began

        pairs = [(seconds(intruder.job), seconds(os.urandom(16))) for _ in range(PROBES)]
    foreign, nobodys = zip(*pairs, strict=True)
    slower = sum(one > other for one, other in itertools.product(foreign, nobodys))
    assert 0.25 < slower / PROBES**2 < 0.75  # 0.5 where nothing is told, 0 or 1 where it is plain


def test_every_rule_was_tried():
    """Each handler's message is among those that were; redeeming is all that invitations may."""
    kinds = {name: type(message) for name, message in messages().items()}
    assert set(kinds.values()) >= set(HANDLERS)
    allowed = {kind for kind, rule in HANDLERS.items() if rule.allows(INVITED)}
    assert allowed == {kinds["redeem"], kinds["fault"]}


def test_the_page_of_the_docs_says_the_same(rows):
    """BOTTEGA_WRITE=1 writes it anew."""
    head, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    written, _, tail = rest.partition(END)
    if os.environ.get("BOTTEGA_WRITE"):
        written = _table(rows)
        PAGE.write_text(head + BEGIN + written + END + tail, encoding="utf-8")
    assert written == _table(rows)


def _table(rows):
    lines = [" | ".join(COLUMNS), " | ".join("---" for _ in COLUMNS)]
    lines += [
        " | ".join([f"`{name}`", *(cell or "—" for cell in row)]) for name, row in rows.items()
    ]
    return "".join(f"| {line} |\n" for line in lines)
