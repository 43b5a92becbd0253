"""The client's end of TLS: which certificate will do, and that nothing is said before."""

import hashlib
import shutil
import socket
import ssl
import threading
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from bottega_backend.errors import CannotServe
from bottega_backend.server.certificate import (
    CERTIFICATE_FILE,
    make_certificate,
    own_certificate,
    read_certificate,
)
from bottega_client.launch import Address, NoServer
from bottega_client.tls import CertificateExpired, WrongCertificate, expiry, open_tunnel
from bottega_client.transport import Transport

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return own_certificate(tmp_path_factory.mktemp("certificate"))


class Listener:
    """A TLS server of one visit at a time; `heard` is what it was told inside of TLS."""

    def __init__(self, context, answer=None):
        self.heard = b""
        self.errors = []
        self._context = context
        self._answer = answer
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with suppress(OSError):
            while True:
                raw, _ = self._socket.accept()
                self._visit(raw)

    def _visit(self, raw):
        try:
            with self._context.wrap_socket(raw, server_side=True) as line:
                if self._answer:
                    self._answer(line)
                while piece := line.recv(65536):
                    self.heard += piece
        except OSError as error:
            self.errors.append(error)

    def close(self):
        self._socket.close()


@contextmanager
def listening(context, answer=None):
    listener = Listener(context, answer)
    try:
        yield listener
    finally:
        listener.close()


def opened(listener, pin, host="127.0.0.1", scheme="wss"):
    """Connect as an editor does."""
    address = Address(f"{scheme}://{host}:{listener.port}", "the token", "anna", pin)
    Transport(address, "test", lambda _: None, lambda *_: None).open()


def test_an_impostor_hears_nothing(certificate, tmp_path):
    """Whoever took the port has another certificate: not even the websocket's first line."""
    other = own_certificate(tmp_path)
    with listening(other.context()) as impostor:
        with pytest.raises(WrongCertificate, match="Nothing was sent"):
            opened(impostor, certificate.fingerprint.hex())
        assert impostor.heard == b""


def test_without_a_pin_an_authority_has_to_vouch(certificate):
    """The server's own certificate will not do."""
    with listening(certificate.context()) as server:
        with pytest.raises(WrongCertificate, match="own"):
            opened(server, "")
        assert server.heard == b""


def test_the_right_certificate_that_has_expired_is_told(tmp_path):
    """With the day; nothing is sent."""
    file = tmp_path / "old.pem"
    file.write_bytes(make_certificate(NOW - timedelta(days=800), years=1))
    old = x509.load_pem_x509_certificate(file.read_bytes())
    pin = hashlib.sha256(old.public_bytes(Encoding.DER)).hexdigest()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    with listening(context) as server:
        with pytest.raises(CertificateExpired, match=f"{old.not_valid_after_utc:%Y-%m-%d}"):
            opened(server, pin)
        assert server.heard == b""


def test_old_tls_is_refused(certificate):
    """By both ends: 1.3 or nothing."""
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    old.load_cert_chain(certificate.chain)
    with listening(old) as server, pytest.raises(NoServer, match="TLS"):
        opened(server, certificate.fingerprint.hex())
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    with (
        listening(certificate.context()) as server,
        socket.create_connection(("127.0.0.1", server.port)) as raw,
        pytest.raises(ssl.SSLError),
    ):
        client.wrap_socket(raw)


def test_a_pin_needs_an_encrypted_address(certificate):
    """Nobody is led back to the open line."""
    with listening(certificate.context()) as server, pytest.raises(NoServer, match="wss"):
        opened(server, certificate.fingerprint.hex(), scheme="ws")


class Plain:
    """Stands for a context that wraps nothing."""

    @contextmanager
    def wrap_socket(self, raw, **_):
        with raw:
            yield raw


def test_what_speaks_no_tls_is_told(certificate):
    """An open server where an encrypted one is expected, and the other way round."""

    def refuse(line):
        line.recv(100)
        line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with listening(Plain(), refuse) as server, pytest.raises(NoServer, match="TLS"):
        opened(server, certificate.fingerprint.hex())
    with listening(certificate.context()) as server, pytest.raises(NoServer, match="TLS"):
        opened(server, "", scheme="ws")


@pytest.mark.parametrize("politely", [True, False])
def test_the_end_is_heard_as_the_end(certificate, politely):
    """Whether the other end says so or is just gone; what it said before is heard first."""

    def answer(line):
        line.sendall(b"the last words")
        if politely:
            line.unwrap()
        else:
            line.shutdown(socket.SHUT_RDWR)

    with listening(certificate.context(), answer) as server:
        tunnel, _ = open_tunnel("127.0.0.1", server.port, certificate.fingerprint.hex(), 10)
        heard = b""
        with suppress(OSError):
            while piece := tunnel.recv(65536):
                heard += piece
            assert tunnel.recv(65536) == b""
        tunnel.close()
    assert heard == b"the last words"


def real_certificate(file):
    """One that an authority vouches for under a name; the authority is itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "studio")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(secret + made.public_bytes(Encoding.PEM))
    return read_certificate(file, file)


def test_a_real_certificate_that_was_renewed_is_taken(tmp_path, monkeypatch, certificate):
    """Under its own name only: an authority that this computer trusts vouches for that."""
    renewed = real_certificate(tmp_path / "studio.pem")
    stale = certificate.fingerprint.hex()
    with listening(renewed.context()) as server:
        with pytest.raises(WrongCertificate):
            open_tunnel("localhost", server.port, stale, 10)
        monkeypatch.setenv("SSL_CERT_FILE", str(renewed.chain))
        tunnel, seen = open_tunnel("localhost", server.port, stale, 10)
        tunnel.close()
        assert seen == renewed.fingerprint
        with pytest.raises(WrongCertificate):
            open_tunnel("127.0.0.1", server.port, stale, 10)


def test_both_ways_at_once(certificate):
    """One thread sends, another receives: 16 MiB each way, whole and in order."""
    ours, theirs = (bytes([start]) * 65536 for start in (1, 2))
    pieces = 256

    def answer(line):
        sender = threading.Thread(target=lambda: [line.sendall(theirs) for _ in range(pieces)])
        sender.start()
        got = bytearray()
        while len(got) < pieces * 65536:
            got += line.recv(1 << 20)
        sender.join()
        line.sendall(hashlib.sha256(got).digest())

    with listening(certificate.context(), answer) as server:
        tunnel, _ = open_tunnel("127.0.0.1", server.port, certificate.fingerprint.hex(), 20)
        sender = threading.Thread(target=lambda: [tunnel.sendall(ours) for _ in range(pieces)])
        sender.start()
        got = bytearray()
        while len(got) < pieces * 65536 + 32:
            got += tunnel.recv(1 << 20)
        sender.join()
        tunnel.close()
    assert hashlib.sha256(got[:-32]).digest() == hashlib.sha256(theirs * pieces).digest()
    assert bytes(got[-32:]) == hashlib.sha256(ours * pieces).digest()


DAYS = st.datetimes(datetime(1971, 1, 1), datetime(2400, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis gives the zone


@given(DAYS)
@settings(max_examples=40, deadline=None)
def test_the_end_of_a_certificate_is_read_as_others_read_it(day):
    """Those with two digits of a year and, from 2050 on, those with four."""
    made = x509.load_pem_x509_certificate(make_certificate(day - timedelta(days=365), years=1))
    assert expiry(made.public_bytes(Encoding.DER)) == made.not_valid_after_utc.timestamp()


# --- the server's side of it ---------------------------------------------------------------------


def test_the_own_certificate_is_made_once_and_for_its_owner(tmp_path):
    """Else every artist needed a new invitation after a restart."""
    first = own_certificate(tmp_path)
    assert own_certificate(tmp_path) == first
    assert (tmp_path / CERTIFICATE_FILE).stat().st_mode & 0o077 == 0
    assert first.ends - NOW > timedelta(days=10 * 365)


def test_an_expired_certificate_keeps_the_server_from_starting(tmp_path):
    """With the day and what to do."""
    file = tmp_path / CERTIFICATE_FILE
    file.write_bytes(make_certificate(NOW - timedelta(days=800), years=1))
    with pytest.raises(CannotServe, match="expired on") as caught:
        own_certificate(tmp_path)
    assert "invitation" in caught.value.remedy


@pytest.mark.parametrize("content", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_what_is_no_certificate_is_told(tmp_path, content):
    """With the name of the file."""
    file = tmp_path / "studio.pem"
    file.write_bytes(content)
    with pytest.raises(CannotServe, match=r"studio\.pem"):
        read_certificate(file, file)


def test_a_key_of_another_certificate_is_told(tmp_path, certificate):
    """Before the socket is opened."""
    shutil.copy(certificate.chain, tmp_path / "one.pem")
    other = own_certificate(tmp_path)
    mixed = read_certificate(tmp_path / "one.pem", other.key)
    with pytest.raises(CannotServe, match=r"one\.pem") as caught:
        mixed.context()
    assert "together" in caught.value.remedy
