"""What Prometheus needs of a server on the network: TLS with its own certificate, by name."""

import socket
import ssl
from pathlib import Path

import pytest
from fakes.served import Served

RECIPE = Path(__file__).parents[2] / "packaging" / "prometheus" / "scrape.yml"


def scrape(port, context):
    """/metrics over TLS, the certificate's name compared as Prometheus's server_name is."""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=20) as raw,
        context.wrap_socket(raw, server_hostname="bottega") as line,
    ):
        line.sendall(b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        return b"".join(iter(lambda: line.recv(65536), b"")).decode()


def test_the_servers_own_certificate_is_enough_to_scrape_it(tmp_path):
    """Given as the authority, under the name of the recipe; without it nothing is believed."""
    assert "server_name: bottega\n" in RECIPE.read_text()
    everywhere = "0.0.0.0"  # noqa: S104  # TLS is on there
    with Served(tmp_path / "data", host=everywhere, accounts={"anna": "a token"}) as served:
        port = int(served.url.rpartition(":")[2])
        trusting = ssl.create_default_context(cafile=served.data / "certificate.pem")
        assert "bottega_workers_ready" in scrape(port, trusting)
        with pytest.raises(ssl.SSLCertVerificationError):
            scrape(port, ssl.create_default_context())
