"""Who gets in, who does not, and what keeps a server from serving."""

import json
import os
import signal
import socket
import stat
import time
from contextlib import suppress
from dataclasses import fields, replace

import msgpack
import pytest
from fakes.orders import Order
from fakes.served import Served
from fakes.talk import Talk, talk
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from bottega_backend.server.handlers import HANDLERS
from bottega_backend.settings import Limits
from bottega_protocol.codec import MOST_FRAME, decode, encode_message
from bottega_protocol.errors import BadProof
from bottega_protocol.handshake import Challenge, Hello, Proof
from bottega_protocol.messages import (
    CLIENT_MESSAGES,
    SERVER_MESSAGES,
    Accepted,
    AskOffers,
    Fault,
    Fetch,
    Finished,
    Grant,
    Need,
    Offers,
    Refused,
    Stopped,
)
from bottega_protocol.scram import ITERATIONS

OTHER = "the token of somebody else"
OPTIONS = {"accounts": {"other": OTHER}}


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with Served(tmp_path_factory.mktemp("door") / "data", **OPTIONS) as server:
        yield server


def raw(served, **options):
    """A bare websocket."""
    return connect(served.url, compression=None, proxy=None, max_size=MOST_FRAME, **options)


def frames(socket):
    """What the server says, as records, until it hangs up."""
    with suppress(ConnectionClosed):
        while True:
            yield decode(socket.recv(timeout=20), SERVER_MESSAGES, 1)


# --- strangers ---------------------------------------------------------------------------------


@pytest.mark.parametrize("origin", ["http://evil", "null", "http://127.0.0.1"])
def test_no_web_page_gets_in(served, origin):
    """Browsers name an origin, whatever it is."""
    with pytest.raises(InvalidStatus) as caught:
        raw(served, origin=origin)
    assert caught.value.response.status_code == 403


@pytest.mark.parametrize("account", ["local", "nobody"])
def test_a_wrong_token_is_refused(served, account):
    """A known account's and an unknown one's look the same."""
    with raw(served) as socket:
        speaker = Talk(socket, "not the token", account)
        fault, _ = speaker.to_the_end()
    assert (type(fault), fault.code) == (Fault, BadProof.code)
    assert not speaker.session.open


def test_an_unknown_account_is_challenged_the_same_way_each_time(served):
    """Its salt stays, as a known one's does."""

    def salt(account):
        with raw(served) as socket:
            hello = Hello((1,), account, os.urandom(24))
            socket.send(encode_message(hello, CLIENT_MESSAGES, 1))
            challenge = next(frames(socket))
        assert challenge.iterations == ITERATIONS
        return challenge.salt

    assert salt("nobody") == salt("nobody") != salt("somebody")
    assert salt("local") == salt("local")
    assert len(salt("local")) == len(salt("nobody"))


def test_there_has_to_be_a_common_version(served):
    """The fault says what to do."""
    with raw(served) as socket:
        socket.send(encode_message(Hello((200,), "local", bytes(24)), CLIENT_MESSAGES, 1))
        (fault,) = frames(socket)
    assert fault.code == "no-common-version"
    assert "Update" in fault.remedy


def test_a_handshake_does_not_last_for_ever(tmp_path):
    """Who says hello and nothing more is shown the door."""
    with Served(tmp_path / "data", handshake_seconds=0.5) as hasty, raw(hasty) as socket:
        socket.send(encode_message(Hello((1,), "local", bytes(24)), CLIENT_MESSAGES, 1))
        challenge, fault = frames(socket)
    assert (type(challenge), fault.code) == (Challenge, "not-allowed-now")


def test_nothing_is_answered_before_the_proof(served):
    """A question in place of the hello ends it."""
    with raw(served) as socket:
        socket.send(encode_message(AskOffers(1), CLIENT_MESSAGES, 1))
        (fault,) = frames(socket)
    assert fault.code == "not-allowed-now"


@pytest.mark.parametrize("frame", ["text", b"", b"\x07?", b"\x00\xc1", bytes(70_000)])
def test_what_is_no_frame_ends_the_conversation(served, frame):
    """With a fault, not with a traceback; the server goes on."""
    with talk(served.url, served.token) as line:
        line.socket.send(frame)
        fault, _ = line.to_the_end()
    assert fault.code in ("bad-message", "too-large")
    assert "Traceback" not in fault.message
    with talk(served.url, served.token) as line:
        assert line.ask(AskOffers(1), Offers)


def test_a_frame_beyond_the_cap_is_not_even_read(served):
    """The websocket library closes with 1009, message too big."""
    with talk(served.url, served.token) as line:
        line.socket.send(bytes(MOST_FRAME + 1))
        _, closed = line.to_the_end()
    assert closed.rcvd.code == 1009


def test_what_a_stranger_says_stands_in_one_line_of_the_log(served):
    """With its line breaks and escape sequences spelled out."""
    word = "forged\n2026-01-01 INFO all is well \x1b[2J"
    with raw(served) as socket:
        socket.send(b"\0" + msgpack.packb({"type": word}))
        (fault,) = frames(socket)
    assert fault.code == "bad-message"
    while "forged" not in served.log():
        time.sleep(0.01)
    assert "\x1b" not in served.log()
    assert not [line for line in served.log().splitlines() if line.startswith("2026-01-01 INFO")]


def test_an_account_has_so_many_connections(served):
    """One more is told why, and comes in when another has left."""
    lines = [talk(served.url, OTHER, "other") for _ in range(Limits().artist_sockets)]
    opened = [line.__enter__() for line in lines]
    with talk(served.url, OTHER, "other") as line:
        fault, _ = line.to_the_end()
    assert fault.code == "busy"
    assert opened[0].ask(AskOffers(1), Offers)
    for line in lines:
        line.__exit__(None, None, None)


# --- two accounts ------------------------------------------------------------------------------


@pytest.fixture
def painted(served):
    """A finished job of the local account."""
    order = Order()
    finished = list(order.follow(served.client()))[-1]
    served.hang_up()
    return order, finished


JOB_MESSAGES = [
    kind for kind in CLIENT_MESSAGES.values() if [field.name for field in fields(kind)] == ["job"]
]


@pytest.mark.parametrize("kind", JOB_MESSAGES)
def test_a_foreign_job_is_no_job(served, painted, kind):
    """Every message that names a job: the same answer as for an id that nobody has."""
    order, _ = painted
    with talk(served.url, OTHER, "other") as line:
        foreign, nobodys = line.ask(kind(order.job), Refused), line.ask(kind(bytes(16)), Refused)
    assert replace(foreign, job=bytes(16)) == nobodys
    assert foreign.code == "unknown-job"


def test_a_foreign_hash_is_no_hash(served, painted):
    """It can't be fetched, and a job that names it needs it sent like any other."""
    order, finished = painted
    pixels = finished.result.layers[0].pixels
    with talk(served.url, OTHER, "other") as line:
        foreign = line.ask(Fetch(1, pixels.sha256), Stopped)
        assert foreign == line.ask(Fetch(1, bytes(32)), Stopped)
        assert set(line.ask(order.submit, Need).hashes) == set(order.blobs)


def test_two_accounts_may_use_the_same_id(served, painted):
    """Each has its own job under it, and hears of that alone."""
    order, finished = painted
    with talk(served.url, OTHER, "other") as line:
        need = line.ask(order.submit, Need)
        for transfer, sha256 in enumerate(need.hashes):
            line.upload(transfer, sha256, order.blobs[sha256])
        line.until(Accepted)
        assert line.until(Finished).result == finished.result


def test_every_message_of_a_client_has_its_handler():
    """A message without one would end in an error of ours."""
    session = {Hello, Proof, Grant}
    assert {kind for kind in HANDLERS if kind in CLIENT_MESSAGES.values()} == (
        set(CLIENT_MESSAGES.values()) - session
    )


# --- starting ----------------------------------------------------------------------------------


def test_the_token_is_for_the_owner_alone(served):
    """server.json says where the server is; nobody else may read it."""
    file = served.data / "server.json"
    entry = json.loads(file.read_text())
    assert set(entry) == {
        *("address", "host", "port", "certificate", "pid", "server", "token"),
    }
    assert f"ws://{entry['address']}:{entry['port']}" == served.url
    assert entry["pid"] == served.process.pid
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert entry["token"] not in served.log()


def test_pictures_and_prompts_are_for_the_owner_alone(served, painted):
    """Every file of the data folder, the log of the worker too."""
    assert painted
    files = [path for path in served.data.rglob("*") if path.is_file()]
    assert {"bottega.sqlite3", "worker.log"} < {path.name for path in files}
    assert [path for path in files if path.stat().st_mode & 0o077] == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_token_and_name_survive_a_restart(tmp_path, number):
    """Editors that were given the token by hand go on with it; the signals end it in order."""
    served = Served(tmp_path / "data").start()
    before = json.loads((served.data / "server.json").read_text())
    worker = served.worker()
    assert served.end(number) == 0
    assert worker is None or not worker.is_running()
    with served:
        after = json.loads((served.data / "server.json").read_text())
    assert (before["token"], before["server"]) == (after["token"], after["server"])


def test_a_damaged_server_file_is_replaced(tmp_path):
    """A new token mends it."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "server.json").write_text('{"token": 7')
    with Served(tmp_path / "data") as served:
        assert served.client().offers()


def test_a_data_folder_has_one_server(served):
    """The second one says which folder and what to do, and exits with 4."""
    second = served.launch(port=0)
    out, err = second.communicate(timeout=30)
    assert (second.returncode, out) == (4, "")
    assert str(served.data) in err
    assert "--data" in err
    assert err.count("\n") == 1


def test_a_journal_that_is_none_is_said(served, tmp_path):
    """Some other file under its name: left as it is, exit code 4."""
    file = tmp_path / "bottega.sqlite3"
    file.write_text("a diary, and a long one" * 100)
    second = served.launch(port=0, data=str(tmp_path))
    out, err = second.communicate(timeout=30)
    assert (second.returncode, out, err.count("\n")) == (4, "", 1)
    assert str(tmp_path) in err
    assert file.read_text().startswith("a diary")


def test_a_busy_port_is_said(served, tmp_path):
    """With the port and what to do; exit code 4."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        second = served.launch(port=port, data=str(tmp_path))
        out, err = second.communicate(timeout=30)
    assert (second.returncode, out) == (4, "")
    assert str(port) in err
    assert "--port" in err
    assert err.count("\n") == 1
