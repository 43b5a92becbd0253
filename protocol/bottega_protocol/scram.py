"""The mutual proof of the handshake: both ends show that they know the token, neither sends it.

In the shape of SCRAM-SHA-256 (RFC 5802, RFC 7677): what the server keeps (a Verifier) checks a
client and proves the server, but can't log in. The transcript that is signed holds both nonces,
the versions offered and chosen, the account, and the certificate of the connection.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from .errors import BadProof

ITERATIONS = 4096
"""PBKDF2 rounds: the least that RFC 7677 asks. Tokens are 256 random bits; rounds guard nothing."""


@dataclass(frozen=True)
class Verifier:
    """What a server keeps of a token (RFC 5802 section 3: StoredKey and ServerKey)."""

    salt: bytes
    iterations: int
    stored_key: bytes
    server_key: bytes


def _hmac(key: bytes, text: bytes) -> bytes:
    return hmac.digest(key, text, "sha256")


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def _salted(token: str, salt: bytes, iterations: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", token.encode(), salt, iterations)


def make_verifier(token: str, salt: bytes, iterations: int = ITERATIONS) -> Verifier:
    """What the server has to keep to check this token."""
    salted = _salted(token, salt, iterations)
    stored_key = hashlib.sha256(_hmac(salted, b"Client Key")).digest()
    return Verifier(salt, iterations, stored_key, _hmac(salted, b"Server Key"))


def transcript(hello: bytes, challenge: bytes, binding: bytes) -> bytes:
    """What both ends sign: the two frames as they were on the wire, and the certificate's hash."""
    parts = (hello, challenge, binding)
    return b"bottega handshake 1" + b"".join(hashlib.sha256(part).digest() for part in parts)


def client_proof(token: str, salt: bytes, iterations: int, signed: bytes) -> tuple[bytes, bytes]:
    """The proof to send, and the signature that only a server with the verifier can answer."""
    salted = _salted(token, salt, iterations)
    client_key = _hmac(salted, b"Client Key")
    stored_key = hashlib.sha256(client_key).digest()
    signature = _hmac(_hmac(salted, b"Server Key"), signed)
    return _xor(client_key, _hmac(stored_key, signed)), signature


def check_proof(verifier: Verifier, signed: bytes, proof: bytes) -> bytes:
    """The server's signature for a client that knows the token; raises BadProof otherwise."""
    client_key = _xor(proof, _hmac(verifier.stored_key, signed))
    if not hmac.compare_digest(hashlib.sha256(client_key).digest(), verifier.stored_key):
        raise BadProof(
            "the token is not the server's", "Ask for a new invitation, or use the server's token."
        )
    return _hmac(verifier.server_key, signed)
