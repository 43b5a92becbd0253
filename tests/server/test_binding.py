"""A man in the middle: TLS at both of his ends, and every byte passed on."""

import socket
import ssl
import threading
from contextlib import suppress

import pytest
from fakes.served import Served

from bottega_backend.server.certificate import own_certificate
from bottega_client.client import Client
from bottega_client.launch import Address, find_server
from bottega_protocol.errors import BottegaError


class Relay:
    """Answers with a certificate of its own and passes everything on, both ways."""

    def __init__(self, certificate, port):
        self.seen = b""
        self._context = certificate.context()
        self._onward = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._onward.check_hostname, self._onward.verify_mode = False, ssl.CERT_NONE
        self._server = port
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with suppress(OSError):
            while True:
                raw, _ = self._socket.accept()
                near = self._context.wrap_socket(raw, server_side=True)
                far = socket.create_connection(("127.0.0.1", self._server))
                far = self._onward.wrap_socket(far)
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, source, target):
        with suppress(OSError, ValueError):
            while piece := source.recv(65536):
                self.seen += piece
                target.sendall(piece)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)

    def close(self):
        self._socket.close()


@pytest.fixture
def served(tmp_path):
    given = own_certificate(tmp_path / "server").chain
    with Served(tmp_path / "data", certificate=str(given)) as server:
        yield server


def test_a_proof_does_not_pass_through_another_certificate(served, tmp_path):
    """Though the client was told his certificate, and he has the server's ear."""
    his = own_certificate(tmp_path / "his")
    own = find_server(served.data)
    relay = Relay(his, int(own.url.rpartition(":")[2]))
    address = Address(f"wss://127.0.0.1:{relay.port}", own.token, pin=his.fingerprint.hex())
    with pytest.raises(BottegaError) as caught:
        Client(address, "test").connect()
    relay.close()
    assert caught.value.code == "bad-proof"
    assert b"websocket" in relay.seen
    assert own.token.encode() not in relay.seen


def test_through_a_pipe_that_is_only_one_it_does(served):
    """The counter-proof: the same way without TLS of his own."""
    own = find_server(served.data)
    port = int(own.url.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def carry():
            near, _ = listener.accept()
            far = socket.create_connection(("127.0.0.1", port))
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=pump, args=(one, other), daemon=True).start()

        threading.Thread(target=carry, daemon=True).start()
        address = Address(f"wss://127.0.0.1:{listener.getsockname()[1]}", own.token, pin=own.pin)
        client = Client(address, "test")
        client.connect()
        assert client.offers()
        client.close()


def pump(source, target):
    """Carry bytes one way."""
    with suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
        target.shutdown(socket.SHUT_RDWR)
