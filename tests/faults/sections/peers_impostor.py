"""A program that has taken the server's port: what clients say to it, to the last byte."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable

from websockets.exceptions import WebSocketException
from websockets.sync.server import ServerConnection, serve

from bottega_client.client import Client
from bottega_client.launch import Address
from bottega_protocol.codec import decode, encode_message
from bottega_protocol.errors import BottegaError
from bottega_protocol.messages import (
    CLIENT_MESSAGES,
    SERVER_MESSAGES,
    Accepted,
    Challenge,
    Hello,
    Need,
    Proof,
    Record,
    Welcome,
)

TOKEN = "an artist's own token, of 32 bytes"  # noqa: S105  # a test's


def _challenge(hello: Hello, iterations: int = 1) -> Challenge:
    return Challenge(1, hello.nonce + os.urandom(24), bytes(16), iterations)


def _welcome(_: Hello) -> Welcome:
    return Welcome(os.urandom(32), "studio")


PLOYS: dict[str, tuple[Callable[[Hello], Record], ...]] = {
    "a challenge of its own, cheap to guess against, and a made-up welcome": (_challenge, _welcome),
    "a welcome at once": (_welcome,),
    "a question for pixels at once": (lambda _: Need(bytes(16), (bytes(32),)),),
    "a job accepted at once": (lambda _: Accepted(bytes(16)),),
    "two challenges": (_challenge, _challenge),
    "another's nonce": (lambda _: Challenge(1, os.urandom(48), bytes(16), 1),),
    "an unknown version": (lambda hello: Challenge(9, hello.nonce + bytes(24), bytes(16), 1),),
    "a challenge, then a question for pixels": (
        _challenge,
        lambda _: Need(bytes(16), (bytes(32),)),
    ),
}


class Impostor:
    """Listens, answers by one ploy, and writes down every byte that it is told."""

    def __init__(self, ploy: tuple[Callable[[Hello], Record], ...]) -> None:
        self._ploy = ploy
        self.heard: list[bytes] = []
        self._server = serve(self._talk, "127.0.0.1", 0, compression=None)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where clients come."""
        return f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}"

    def _talk(self, line: ServerConnection) -> None:
        headers = line.request.headers if line.request else {}
        self.heard.append(str(dict(headers)).encode())
        try:
            frame = bytes(line.recv(timeout=10))
            self.heard.append(frame)
            hello = decode(frame, CLIENT_MESSAGES, 1)
            for step in self._ploy:
                line.send(encode_message(step(hello), SERVER_MESSAGES, 1))
                self.heard.append(bytes(line.recv(timeout=10)))
            while True:
                self.heard.append(bytes(line.recv(timeout=2)))
        except (WebSocketException, TimeoutError):
            pass

    def close(self) -> None:
        """Give the port back."""
        self._server.shutdown()


def fooled() -> list[str]:
    """Try every ploy; what went wrong, in sentences."""
    broken = []
    for name, ploy in PLOYS.items():
        impostor = Impostor(ploy)
        client = Client(Address(impostor.url, TOKEN), "test", ())
        try:
            client.connect()
            broken.append(f"A client believes an impostor: {name}.")
        except BottegaError:
            pass
        finally:
            client.close()
            impostor.close()
        broken += [f"{sentence}: {name}." for sentence in _told(impostor.heard)]
    return broken


def _told(heard: list[bytes]) -> list[str]:
    """What a client should not have said."""
    secrets = (TOKEN.encode(), hashlib.sha256(TOKEN.encode()).digest())
    everything = b"".join(heard)
    broken = ["The token was sent" for secret in secrets if secret in everything]
    kinds = [type(decode(frame, CLIENT_MESSAGES, 1)).__name__ for frame in heard[1:] if frame]
    others = [kind for kind in kinds if kind not in {Hello.__name__, Proof.__name__, "Fault"}]
    return broken + [f"A client says {kind} before the server has proved itself" for kind in others]
