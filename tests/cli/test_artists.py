"""`bottega artists` and `bottega connect`, beside a server and without one."""

import json
import re
import stat
from datetime import UTC, datetime, timedelta

import pytest
from fakes.served import Served

from bottega_backend.cli.invitations import place
from bottega_backend.cli.main import main
from bottega_backend.server.app import PORT
from bottega_backend.server.certificate import make_certificate, own_certificate, read_certificate
from bottega_backend.store.artists import Artists
from bottega_client.kept_address import CONNECTION_FILE, kept_address
from bottega_client.launch import find_server
from bottega_protocol.invitation import read_invitation

LINK = re.compile(r"^  (bottega://\S+)$", re.MULTILINE)
TEXT = re.compile(r"^  (\S+:\d+ [A-Z2-7-]+)$", re.MULTILINE)


@pytest.fixture
def data(tmp_path):
    return tmp_path / "data"


@pytest.fixture
def bottega(data, capsys):
    """Run one command line here; gives its exit code, output and errors."""

    def run(*words, folder=data):
        code = main([*map(str, words), "--data", str(folder)])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def test_adding_prints_an_invitation(bottega, data):
    """A link and a text that say the same; without a server it says how to start one."""
    code, out, err = bottega("artists", "add", "Anna", "--address", "studio.local")
    link, text = LINK.search(out)[1], TEXT.search(out)[1]
    assert code == 0
    assert read_invitation(link) == read_invitation(text)
    invitation = read_invitation(link)
    assert (invitation.host, invitation.port) == ("studio.local", PORT)
    assert invitation.certificate == place(data, None).certificate
    assert "bottega serve --host 0.0.0.0" in err


@pytest.mark.parametrize(
    "words",
    [
        ("add", ""),
        ("add", "local"),
        ("add", "a\x1b[2J"),
        ("invite", "nobody"),
        ("revoke", "nobody"),
        ("quota", "nobody"),
        ("add", "Anna", "--address", "two words"),
        ("add", "Anna", "--address", "studio:99999"),
    ],
)
def test_what_was_typed_wrong_is_said(bottega, words):
    """In a line and a remedy, without escape sequences; exit code 2."""
    code, out, err = bottega("artists", *words)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 2
    assert "\x1b" not in err


def test_an_artist_is_there_once(bottega):
    """The remedy is another invitation."""
    bottega("artists", "add", "Anna")
    code, _, err = bottega("artists", "add", "ANNA")
    assert code == 2
    assert "bottega artists invite Anna" in err
    assert bottega("artists", "invite", "anna")[0] == 0


def test_the_list_says_who_may_come(bottega):
    """Also to programs."""
    bottega("artists", "add", "Anna")
    bottega("artists", "add", "Bea [red]")
    bottega("artists", "revoke", "anna")
    rows = json.loads(bottega("artists", "list", "--json")[1])
    assert [(row["artist"], row["invited"]) for row in rows] == [
        ("Anna", False),
        ("Bea [red]", True),
    ]
    assert rows[0]["revoked"]
    table = bottega("artists", "list")[1]
    assert "Bea [red]" in table
    assert "revoked" in table


def test_limits_of_one_artist(bottega, data):
    """They are set, shown and taken back; what is no limit is refused and changes nothing."""
    bottega("artists", "add", "Anna")
    assert bottega("artists", "quota", "anna", "jobs=3", "uploads=0.5")[0] == 0
    with_quota = Artists(data)
    assert with_quota.known().quotas["Anna"] == {"jobs": 3.0, "uploads": 0.5}
    for wrong in ("jobs", "jobs=", "jobs=many", "jobs=0", "jobs=-1", "jobs=inf", "jobs=nan", "x=1"):
        code, out, _ = bottega("artists", "quota", "anna", wrong)
        assert (code, out) == (2, ""), wrong
    assert with_quota.known().quotas["Anna"] == {"jobs": 3.0, "uploads": 0.5}
    assert re.search(r"jobs\W+200\W+3\b", bottega("artists", "quota", "anna")[1])
    bottega("artists", "quota", "anna", "jobs=default", "uploads=default")
    assert with_quota.known().quotas["Anna"] == {}
    with_quota.close()


def test_from_invitation_to_results_and_back(bottega, tmp_path):
    """The second machine's commands go to the first one's server, until they are told not to."""
    here, there = tmp_path / "here", tmp_path / "there"
    bottega("artists", "add", "Anna", folder=there)
    with Served(there, host="0.0.0.0") as served:  # noqa: S104  # as a studio does
        pin = find_server(there).pin
        _, out, err = bottega("artists", "invite", "Anna", folder=there)
        assert err == ""
        link = LINK.search(out)[1]
        code, out, err = bottega("connect", link, folder=here)
        assert code == 0, err
        kept = kept_address(here)
        assert (kept.pin, kept.account.partition(":")[0]) == (pin, "Anna")
        assert kept.token not in out + err + served.log()
        assert stat.S_IMODE((here / CONNECTION_FILE).stat().st_mode) == 0o600
        assert bottega("results", "list", folder=here)[:2] == (0, "Nothing is kept.\n")
        assert kept.url in bottega("connect", folder=here)[1]
        assert bottega("connect", link, folder=here)[0] == 4
        assert kept_address(here) == kept
        bottega("artists", "revoke", "anna", folder=there)
        code, _, err = bottega("results", "list", folder=here)
        assert code == 4
        assert "invitation" in err
    assert bottega("connect", "--forget", folder=here)[0] == 0
    assert kept_address(here) is None


def test_a_damaged_file_is_as_none(data):
    """The machine's own server is used; a new invitation mends it."""
    data.mkdir()
    for content in ("", "{", "[]", '{"url": "wss://a:1"}'):
        (data / CONNECTION_FILE).write_text(content)
        assert kept_address(data) is None


def test_a_list_that_is_none_is_said(bottega, data):
    """By the command and by the server, with its folder; left as it is."""
    data.mkdir()
    (data / "artists.sqlite").write_text("a diary, and a long one" * 100)
    code, out, err = bottega("artists", "list")
    assert (code, out) == (4, "")
    assert str(data) in err
    _, err = Served(data).launch(port=0).communicate(timeout=60)
    assert str(data) in err
    assert "Traceback" not in err
    assert (data / "artists.sqlite").read_text().startswith("a diary")


def test_half_an_invitation_is_said(bottega):
    """Before any server is asked; exit code 2."""
    code, _, err = bottega("connect", "bottega://studio:1/#AAAA")
    assert code == 2
    assert "ask for a new one" in err


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])  # noqa: S104  # as a studio does
def test_nobody_listens_for_others_by_mistake(tmp_path, host):
    """Not before an artist is invited; the flag that says so takes the responsibility."""
    served = Served(tmp_path / "data", host=host)
    refused = served.launch(port=0)
    out, err = refused.communicate(timeout=60)
    assert (refused.returncode, out) == (4, "")
    assert "bottega artists add" in err
    with Served(tmp_path / "data", host=host, insecure=True) as served:
        assert served.url.startswith("ws://")
        assert "without encryption" in served.log()
        assert place(served.data, None).certificate == b""


def test_a_certificate_that_was_named_is_shown_on_loopback_too(tmp_path):
    """The machine's own programs know it from server.json; a key without it is refused."""
    given = read_certificate(*[own_certificate(tmp_path / "given").chain] * 2)
    options = {"certificate": str(given.chain), "key": str(given.key)}
    with Served(tmp_path / "data", **options) as served:
        assert served.url.startswith("wss://127.0.0.1:")
        assert find_server(served.data).pin == given.fingerprint.hex()
        assert served.client().offers()
        assert not (served.data / "certificate.pem").exists()
        served.hang_up()
    lonely = Served(tmp_path / "data", key=str(given.key)).launch(port=0)
    out, err = lonely.communicate(timeout=60)
    assert (lonely.returncode, out) == (4, "")
    assert "key" in err


def test_a_server_with_an_expired_certificate_does_not_start(tmp_path):
    """It says the day."""
    data = tmp_path / "data"
    with Served(data, accounts={"Anna": "x" * 40}):
        pass
    (data / "certificate.pem").write_bytes(expired())
    stale = Served(data, host="0.0.0.0").launch(port=0)  # noqa: S104  # as a studio does
    out, err = stale.communicate(timeout=60)
    assert (stale.returncode, out) == (4, "")
    assert "expired on" in err


def expired():
    """A certificate whose time is over."""
    return make_certificate(datetime.now(UTC) - timedelta(days=800), years=1)
