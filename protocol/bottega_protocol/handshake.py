"""The messages by which both ends prove who they are, and an invitation becomes a token."""

from __future__ import annotations

from dataclasses import dataclass

from .schema import Raw, Record, Several, Text, Whole, wire

ACCOUNT = Text(100, least=1)
HASH = Raw(32, 32)
NONCE = Raw(18, 64)
NUMBER = Whole(0, 2**32 - 1)


@dataclass(frozen=True)
class Hello(Record):
    """The client's first word: which versions it speaks, who it claims to be, its nonce."""

    versions: tuple[int, ...] = wire(Several(Whole(1, 255), 16, least=1))
    account: str = wire(ACCOUNT)
    nonce: bytes = wire(NONCE)
    program: str = wire(Text(200), default="")


@dataclass(frozen=True)
class Challenge(Record):
    """The server's answer: the version chosen, both nonces joined, how the token is salted."""

    version: int = wire(Whole(1, 255))
    nonce: bytes = wire(Raw(36, 128))
    salt: bytes = wire(Raw(16, 64))
    iterations: int = wire(Whole(1, 1_000_000))


@dataclass(frozen=True)
class Proof(Record):
    """The client shows that it knows the token."""

    proof: bytes = wire(HASH)


@dataclass(frozen=True)
class Welcome(Record):
    """The server shows that it knows the token's verifier, and names itself."""

    signature: bytes = wire(HASH)
    server: str = wire(Text(100))
    program: str = wire(Text(200), default="")


@dataclass(frozen=True)
class Redeem(Record):
    """Whoever has proved an invitation asks for a token of its own; nothing else is granted it."""

    request: int = wire(NUMBER)


@dataclass(frozen=True)
class Redeemed(Record):
    """The token, told once: the server keeps what checks it only. `account` is for the hello."""

    request: int = wire(NUMBER)
    account: str = wire(ACCOUNT)
    token: str = wire(Text(100, least=1))
