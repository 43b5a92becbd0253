"""/health and /metrics: who may ask, how, and what the answers do not hold."""

import http.client
import re
import time

import pytest
from fakes.orders import Order
from fakes.served import Served
from fakes.talk import talk
from prometheus_client.parser import text_string_to_metric_families

from bottega_backend.server.health import host_of
from bottega_backend.settings import SETTINGS_FILE
from bottega_protocol.messages import Finished

PROMPT = "a secret picture of a heron"


def ask(served, path, method="GET", host=None):
    """One request of HTTP; gives status, headers and text."""
    port = int(served.url.rpartition(":")[2])
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    line.request(method, path, headers={"Host": host or f"127.0.0.1:{port}"})
    answer = line.getresponse()
    return answer.status, answer.headers, answer.read().decode()


def samples(served):
    """Each sample of /metrics by its name and labels."""
    _, _, text = ask(served, "/metrics")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_health_says_whether_a_job_would_be_painted(served):
    """Once its worker is ready."""
    while ask(served, "/health")[0] != 200:
        time.sleep(0.05)
    status, headers, text = ask(served, "/health")
    assert (status, text) == (200, '{"status": "ok"}\n')
    assert headers["Cache-Control"] == "no-store"


def test_what_was_painted_is_counted_and_nothing_is_told_of_it(served):
    """No prompt, no id, no account, no address, no token."""
    order = Order(PROMPT)
    before = samples(served).get(("bottega_jobs_ended_total", "finished"), 0)
    assert isinstance(list(order.follow(served.client()))[-1], Finished)
    after = samples(served)
    assert after["bottega_jobs_ended_total", "finished"] == before + 1
    assert after["bottega_jobs_accepted_total",] >= 1
    assert after["bottega_job_wait_seconds_count",] >= 1
    assert after["bottega_jobs", "running"] == 0
    assert after["bottega_connections",] >= 1
    assert after["bottega_workers_ready",] == 1
    assert after["bottega_disk_free_bytes",] > 0
    text = ask(served, "/metrics")[2]
    for word in (PROMPT, order.job.hex(), '"local"', served.token, str(served.data), "127.0.0.1"):
        assert word not in text


@pytest.mark.parametrize("path", ["/health", "/metrics"])
@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "192.0.2.1", "[::2]:1"])
def test_a_foreign_name_for_us_gets_no_answer(served, path, host):
    """A web page whose author has turned its name to our address sends that name."""
    status, _, text = ask(served, path, host=host)
    assert status == 421
    assert "bottega" not in text.lower()


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8765", "127.0.0.1", "[::1]:80"])
def test_its_own_names_are_known(served, host):
    """With a port or without."""
    assert ask(served, "/metrics", host=host)[0] == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "OPTIONS"])
def test_only_get_is_answered(served, method):
    """The library refuses the rest."""
    try:
        status, _, text = ask(served, "/metrics", method)
    except (http.client.HTTPException, OSError):
        return
    assert status >= 400
    assert "bottega_" not in text


@pytest.mark.parametrize("path", ["/", "/healthz", "/metrics/", "/../metrics", "//health"])
def test_there_is_nothing_else(served, path):
    """426: this is a place for websockets."""
    assert ask(served, path)[0] == 426


def test_settings_name_further_hosts(tmp_path):
    """As a proxy or a scraper calls us."""
    data = tmp_path / "data"
    data.mkdir()
    (data / SETTINGS_FILE).write_text('[http]\nhosts = ["Studio.local"]\n')
    with Served(data) as served:
        assert ask(served, "/metrics", host="studio.local:8765")[0] == 200
        assert ask(served, "/metrics", host="studio.evil")[0] == 421


@pytest.mark.parametrize(
    ("header", "host"),
    [
        ("Studio.Local.:80", "studio.local"),
        ("[::1]", "::1"),
        ("[0:0:0:0:0:0:0:1]:80", "::1"),
        ("[nonsense]:80", ""),
        ("a:b", "a:b"),
        ("", ""),
    ],
)
def test_a_host_is_read_without_its_port(header, host):
    """In whatever way it is written."""
    assert host_of(header) == host


def test_one_address_has_so_many_sockets_and_handshakes(tmp_path):
    """One more is turned away with a status; a closed one leaves its place to the next."""
    data = tmp_path / "data"
    data.mkdir()
    (data / SETTINGS_FILE).write_text("[limits]\naddress_sockets = 2\n")
    with Served(data) as served:
        first, second = talk(served.url, served.token), talk(served.url, served.token)
        first.__enter__()
        second.__enter__()
        status, _, text = ask(served, "/health")
        assert (status, text) == (503, "Too many connections come from this address. Close some.\n")
        first.__exit__(None, None, None)
        while ask(served, "/metrics")[0] == 503:
            time.sleep(0.02)
        turned = samples(served)["bottega_turned_away_total", "sockets"]
        assert turned >= 1
        second.__exit__(None, None, None)


def test_handshakes_have_a_rate(tmp_path):
    """Three at once and then no more, until time has passed."""
    data = tmp_path / "data"
    data.mkdir()
    (data / SETTINGS_FILE).write_text("[limits]\nhandshakes = 1.5\n")
    with Served(data) as served:
        statuses = [ask(served, "/")[0] for _ in range(5)]
        assert statuses.count(426) in (3, 4)  # the fourth where a slow machine has taken its time
        assert statuses[-1] == 429 or statuses[-2] == 429
        while ask(served, "/")[0] == 429:
            time.sleep(0.1)


def test_names_of_metrics_are_ours(served):
    """Each begins with our name or is the process's own."""
    for name, *_ in samples(served):
        assert re.match(r"(bottega|process)_", name)
