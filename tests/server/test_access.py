"""Artists on other machines: invitations, TLS, what is taken back, and nobody else."""

import secrets
import socket
import time
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial

import pytest
from fakes.orders import Order, submit
from fakes.served import Served
from fakes.talk import talk
from websockets.client import ClientProtocol
from websockets.frames import Frame
from websockets.protocol import State
from websockets.sync.client import connect
from websockets.uri import parse_uri

from bottega_backend.cli.invitations import lan_address, place
from bottega_backend.server.backoff import FREE
from bottega_backend.server.connection import CUT_SECONDS
from bottega_backend.server.roster import LOOK_SECONDS
from bottega_backend.store.artists import Artists
from bottega_client.invitation import InvitationRefused, redeem
from bottega_client.launch import Address, NoServer, find_server
from bottega_client.tls import open_tunnel
from bottega_protocol.codec import decode, encode_message
from bottega_protocol.errors import BadProof, Refusal
from bottega_protocol.handshake import Hello, Redeem, Redeemed
from bottega_protocol.messages import (
    CLIENT_MESSAGES,
    SERVER_MESSAGES,
    AskOffers,
    Cancelled,
    Fault,
    Finished,
    Follow,
    Offers,
)
from bottega_protocol.session import ClientSession

TOKEN = "a token of the artist's own, and long"  # noqa: S105  # a test's


@contextmanager
def artists_of(served):
    """The list, as the command line opens it beside the server."""
    with closing(Artists(served.data)) as artists:
        yield artists


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("access") / "data"
    accounts = {"First": secrets.token_urlsafe(32)}
    with Served(folder, host="0.0.0.0", accounts=accounts) as server:  # noqa: S104  # as a studio does
        yield server
        server.hang_up()


def invited(served, name):
    """An invitation that the server knows of already."""
    with artists_of(served) as artists:
        known = [artist.account for artist in artists.everyone() if artist.revoked is None]
        secret = artists.invite(name) if name in known else artists.add(name)
    invitation = of(served, secret)
    while True:
        with say(invitation) as speaker:
            if speaker.session.open:
                return invitation


def of(served, secret, host="127.0.0.1"):
    """The invitation with this secret. By way of loopback, where failing costs no wait."""
    return replace(place(served.data, None), host=host).invitation(secret)


def say(invitation):
    """A conversation of somebody invited."""
    pin = invitation.certificate.hex()
    return talk(invitation.url, invitation.token, invitation.account, pin)


def come_in(served, name):
    """Redeem an invitation for a name; gives the address."""
    return redeem(invited(served, name).link, "test")


def line(address):
    """A conversation, frame by frame."""
    return talk(address.url, address.token, address.account, address.pin)


def ending(address):
    """What the server says to somebody who does not get in."""
    with line(address) as speaker:
        fault, _ = speaker.to_the_end()
    return fault


# --- invitations -------------------------------------------------------------------------------


def test_an_invitation_lets_in_once(served):
    """Over TLS, by the machine's address on the network; the token goes on, the invitation not."""
    invitation = invited(served, "Anna")
    address = redeem(invitation.text, "Krita on a laptop")
    assert address.url.startswith("wss://")
    assert address.pin == find_server(served.data).pin
    with line(address) as speaker:
        assert speaker.ask(AskOffers(1), Offers)
    with pytest.raises(InvitationRefused):
        redeem(invitation.text, "")
    with artists_of(served) as artists:
        assert artists.find("anna").keys == 1


def test_a_used_an_expired_and_an_unknown_invitation_are_answered_alike(served):
    """Word for word; the challenge has the same shape."""
    used = invited(served, "Anna")
    redeem(used.link, "")
    with closing(Artists(served.data, lambda: time.time() - 3600)) as past:
        expired = of(served, past.invite("Anna"))
    unknown = of(served, bytes(16))
    invited(served, "Anna")  # by then the server has seen the list as it is
    heard = []
    for invitation in (used, expired, unknown):
        with say(invitation) as speaker:
            fault, closed = speaker.to_the_end()
        heard.append((fault, closed.rcvd and closed.rcvd.code))
    assert heard[0][0].code == BadProof.code
    assert heard[0] == heard[1] == heard[2]


def test_whoever_is_invited_may_redeem_and_nothing_else(served):
    """A question ends the conversation."""
    invitation = invited(served, "Anna")
    with say(invitation) as speaker:
        speaker.session.send(AskOffers(1))
        fault, _ = speaker.to_the_end()
    assert (type(fault), fault.code) == (Fault, "not-allowed-now")
    with say(invitation) as speaker:
        assert speaker.ask(Redeem(5), Redeemed).request == 5
        speaker.session.send(Redeem(6))
        fault, _ = speaker.to_the_end()
    assert fault.code == BadProof.code


def test_an_artist_can_not_redeem(served):
    """What an invitation may and what an artist may have nothing in common."""
    with line(find_server(served.data)) as speaker:
        speaker.session.send(Redeem(1))
        fault, _ = speaker.to_the_end()
    assert fault.code == "not-allowed-now"


# --- taking back -------------------------------------------------------------------------------


def test_revoking_cuts_open_lines(served):
    """They are told why; a new attempt is answered like anybody's."""
    address = come_in(served, "Bea")
    with line(address) as speaker:
        assert speaker.ask(AskOffers(1), Offers)
        with artists_of(served) as artists:
            artists.revoke("bea")
        fault, _ = speaker.to_the_end()
    assert fault.code == "revoked"
    assert ending(address).code == BadProof.code
    assert LOOK_SECONDS + CUT_SECONDS < 1


def test_revoking_cuts_who_never_reads(served):
    """The socket itself is gone, whatever the other end does."""
    tunnel = silent(come_in(served, "Bea"))
    tunnel.settimeout(5)
    with artists_of(served) as artists:
        artists.revoke("bea")
    with pytest.raises(OSError, match=r"[Rr]eset|[Pp]ipe"):
        knock(tunnel)
    tunnel.close()


def knock(tunnel):
    """Send until it fails; reading never."""
    while True:
        tunnel.sendall(b"\x89\x80\0\0\0\0")  # a ping, empty and masked
        time.sleep(0.02)


def silent(address):
    """A line on which both ends are proved, and nobody reads at this one any more."""
    place_ = parse_uri(address.url)
    tunnel, binding = open_tunnel(place_.host, place_.port, address.pin, 10)
    websocket = ClientProtocol(parse_uri("ws" + address.url[3:]))
    session = ClientSession(address.token, address.account, "test", binding)
    websocket.send_request(websocket.connect())
    while not session.open:
        tunnel.sendall(b"".join(websocket.data_to_send()))
        websocket.receive_data(tunnel.recv(65536))
        for event in websocket.events_received():
            if isinstance(event, Frame):
                session.receive(bytes(event.data))
        while websocket.state is State.OPEN and (frame := session.next_frame()) is not None:
            websocket.send_binary(frame)
    return tunnel


def test_the_jobs_of_somebody_who_was_sent_away_are_stopped(served):
    """One that runs and one that waits; another artist's goes on."""
    running, waiting, other = Order(steps=150), Order(steps=150), Order(steps=2)
    with line(come_in(served, "Cleo")) as cleo:
        with line(come_in(served, "Bea")) as bea:
            submit(bea, running)
            submit(bea, waiting)
            submit(cleo, other)
            with artists_of(served) as artists:
                artists.revoke("Bea")
            bea.to_the_end()
        assert cleo.until(Finished).job == other.job
    with line(come_in(served, "Bea")) as again:
        for order in (running, waiting):
            again.ask(Follow(order.job), Cancelled)


def test_who_was_sent_away_while_no_server_ran_is_gone_with_the_jobs(tmp_path):
    """The next one does not take them up."""
    order = Order(steps=150)
    with Served(tmp_path / "data", accounts={"Anna": TOKEN}) as served:
        with talk(served.url, TOKEN, "Anna") as anna:
            submit(anna, order)
        served.kill()
    del served.options["accounts"]
    with artists_of(served) as artists:
        artists.revoke("Anna")
    with served:
        assert ending(Address(served.url, TOKEN, "Anna")).code == BadProof.code
        with artists_of(served) as artists:
            artists.add("Anna")
            artists.add_key("Anna", "Anna again", TOKEN)
        while ending_or_none(served) is not None:
            time.sleep(0.1)
        with talk(served.url, TOKEN, "Anna again") as anna:
            anna.ask(Follow(order.job), Cancelled)


def ending_or_none(served):
    """What keeps Anna out, if anything still does."""
    with talk(served.url, TOKEN, "Anna again") as anna:
        return None if anna.session.open else anna.heard[-1]


# --- who is on the line ------------------------------------------------------------------------


def test_two_artists_see_nothing_of_each_other(served):
    """Through the real front door, over TLS: list, job and cancel."""
    one, other = served_client(served, "Anna"), served_client(served, "Cleo")
    order = Order()
    finished = list(order.follow(one))[-1]
    assert order.job in [job.job for job in one.results()]
    assert order.job not in [job.job for job in other.results()]
    with pytest.raises(Refusal) as caught:
        other.outcome(order.job)
    assert caught.value.code == "unknown-job"
    with pytest.raises(Refusal) as caught:
        other.fetch(finished.result.layers[0].pixels)
    assert caught.value.code == "unknown-blob"
    assert one.fetch(finished.result.layers[0].pixels)


def served_client(served, name):
    """A connected client of an artist."""
    address = come_in(served, name)
    return served.client(address.account, address.token)


def test_the_salt_of_a_name_that_nobody_has_survives_a_restart(tmp_path):
    """Else a stranger asked twice, before and after, and knew who is an artist."""
    options = {"accounts": {"anna": "a token of the artist's own"}}
    salts = []
    for _ in range(2):
        with Served(tmp_path / "data", **options) as served:
            salts.append([challenge(served, name) for name in ("anna", "nobody")])
    assert salts[0] == salts[1]
    assert len(set(salts[0])) == 2


def challenge(served, name):
    """The salt that a stranger is told for a name."""
    with connect(served.url, compression=None, proxy=None) as line:
        line.send(encode_message(Hello((1,), name, bytes(24)), CLIENT_MESSAGES, 1))
        return decode(line.recv(timeout=20), SERVER_MESSAGES, 1).salt


def fail(invitation):
    """An invitation that is good for nothing, so often that it begins to cost."""
    for _ in range(FREE):
        with pytest.raises(InvitationRefused):
            redeem(invitation.link, "")


def test_an_address_that_fails_too_often_waits(served, monkeypatch):
    """Whoever comes from another address than the one that he reaches counts as another machine."""
    if lan_address().startswith("127."):
        pytest.skip("this machine has no address on a network")
    elsewhere = partial(socket.create_connection, source_address=(lan_address(), 0))
    monkeypatch.setattr(socket, "create_connection", elsewhere)
    nobody = of(served, bytes(16))
    fail(nobody)
    with pytest.raises(NoServer, match="attempts"):
        redeem(nobody.link, "")
    monkeypatch.undo()
    assert served.client().offers()


def test_another_user_of_the_servers_machine_locks_nobody_out(served):
    """By its address on the network, where a server that listens there alone is reached."""
    if lan_address().startswith("127."):
        pytest.skip("this machine has no address on a network")
    nobody = of(served, bytes(16), lan_address())
    fail(nobody)
    with pytest.raises(InvitationRefused):
        redeem(nobody.link, "")
