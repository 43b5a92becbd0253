"""One conversation without IO: frames in, events out; what has to be sent waits in lanes.

`receive` takes a frame and gives events; `next_frame` gives what to send next, control messages
before chunks, so that a cancel passes one's own upload. A ProtocolError from `receive` ends the
conversation: send the frames that are left (the last is a fault) and close.
"""

from __future__ import annotations

import secrets
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable

from .codec import Chunk, decode, encode_message
from .errors import BadProof, BadTransfer, NotAllowedNow, ProtocolError
from .handshake import Challenge, Hello, Proof, Welcome
from .messages import CLIENT_MESSAGES, SERVER_MESSAGES, Announce, Fault, Grant, Stopped, Stored
from .pace import Clock, Rate, Window
from .schema import Record
from .scram import Verifier, check_proof, client_proof, transcript
from .transfers import MOST_TRANSFERS, Incoming, Outgoing, Read
from .version import VERSIONS, agree

Event = Record | Chunk
NONCE_BYTES = 24
HANDSHAKE = (Hello, Challenge, Proof, Welcome)


class Session(ABC):
    """What both ends share: lanes and transfers. `open` once both proofs are done."""

    _mine: dict[str, type[Record]]
    _theirs: dict[str, type[Record]]

    def __init__(self, now: Clock) -> None:
        self.version = VERSIONS[0]
        self.open = False
        self.closed = False
        self._control: deque[bytes] = deque()
        self._outgoing: dict[int, Outgoing] = {}
        self._incoming: dict[int, Incoming] = {}
        self._window = Window(now)
        self._rate = Rate(now)

    # --- receiving ---------------------------------------------------------------------------

    def receive(self, frame: bytes) -> list[Event]:
        """Take one frame; gives what the caller has to know of. Raises ProtocolError."""
        if self.closed:
            return []
        try:
            return self._take(frame)
        except ProtocolError as error:
            self.fail(error)
            raise

    def _take(self, frame: bytes) -> list[Event]:
        event = decode(frame, self._theirs, self.version)
        if isinstance(event, Fault):
            self.closed = True
            return [event]
        if not self.open:
            return self._shake_hands(event, frame)
        if isinstance(event, HANDSHAKE):
            raise NotAllowedNow("the handshake is over")
        if isinstance(event, (Chunk, Announce, Grant, Stored, Stopped)):
            return self._transfer(event, len(frame))
        return [event]

    @abstractmethod
    def _shake_hands(self, event: Event, frame: bytes) -> list[Event]:
        """Take a frame of the handshake; gives an event once both ends are proved."""

    def _transfer(
        self, event: Chunk | Announce | Grant | Stored | Stopped, wire: int
    ) -> list[Event]:
        if isinstance(event, Announce):
            self._check_announced(event)
            return [event]
        if isinstance(event, Grant):
            if event.transfer in self._outgoing:
                if not any(outgoing.sending for outgoing in self._outgoing.values()):
                    self._rate.begin()
                self._outgoing[event.transfer].grant(event)
            return []
        if isinstance(event, Chunk):
            # Chunks of a transfer that this end has stopped may still be under way.
            incoming = self._incoming.get(event.transfer)
            if incoming is None:
                return []
            incoming.take(event, wire)
            return [event]
        if isinstance(event, Stored) and event.transfer in self._incoming:
            # Whoever forgot it here would go on paying for what it has open elsewhere.
            raise BadTransfer(f"transfer {event.transfer} is not the sender's to call stored")
        self._outgoing.pop(event.transfer, None)
        self._incoming.pop(event.transfer, None)
        return [event]

    def _check_announced(self, announce: Announce) -> None:
        if announce.transfer in self._incoming or announce.transfer in self._outgoing:
            raise BadTransfer(f"transfer {announce.transfer} is under way already")
        if len(self._incoming) >= MOST_TRANSFERS:
            raise BadTransfer(f"more than {MOST_TRANSFERS} transfers at a time")

    # --- blobs -------------------------------------------------------------------------------

    def accept(self, announce: Announce, start: int = 0) -> None:
        """Let an announced blob come, from `start` on."""
        incoming = Incoming(announce, start, self._window, lambda: len(self._incoming))
        self._incoming[announce.transfer] = incoming
        self.send(incoming.first_grant())

    def used(self, transfer: int, count: int) -> None:
        """So many bytes of an incoming blob have been put away: let more come."""
        incoming = self._incoming.get(transfer)
        grant = incoming.used(count) if incoming else None
        if grant is not None:
            self.send(grant)

    def complete(self, transfer: int) -> bool:
        """Whether every byte of an incoming blob has arrived."""
        return transfer in self._incoming and self._incoming[transfer].complete

    def stored(self, transfer: int) -> None:
        """The incoming blob is whole and safe."""
        if self._incoming.pop(transfer, None) is not None:
            self.send(Stored(transfer))

    def stop(self, stopped: Stopped) -> None:
        """End a transfer early, whichever way it goes."""
        self._incoming.pop(stopped.transfer, None)
        self._outgoing.pop(stopped.transfer, None)
        self.send(stopped)

    def send_blob(self, announce: Announce, read: Read) -> None:
        """Offer a blob; its chunks follow as far as the other end grants them."""
        if announce.transfer in self._outgoing or announce.transfer in self._incoming:
            raise BadTransfer(f"transfer {announce.transfer} is under way already")
        if len(self._outgoing) >= MOST_TRANSFERS:
            raise BadTransfer(f"more than {MOST_TRANSFERS} transfers at a time")
        self._outgoing[announce.transfer] = Outgoing(announce, read, self._rate)
        self.send(announce)

    # --- sending -----------------------------------------------------------------------------

    @property
    def backlog(self) -> int:
        """How many control messages wait to be sent."""
        return len(self._control)

    def send(self, message: Record) -> None:
        """Put a message into the control lane; raises NotAllowedNow during the handshake."""
        if not (self.open or isinstance(message, (*HANDSHAKE, Fault))):
            raise NotAllowedNow("nothing is said before both ends have proved themselves")
        if not self.closed:
            self._control.append(encode_message(message, self._mine, self.version))

    def next_frame(self) -> bytes | None:
        """What to send next, or nothing for now."""
        if self._control:
            return self._control.popleft()
        for transfer, outgoing in list(self._outgoing.items()):
            frame = None if self.closed else outgoing.next_frame()
            if frame is not None:
                # To the back: several blobs share the line.
                self._outgoing[transfer] = self._outgoing.pop(transfer)
                return frame
        return None

    def fail(self, error: ProtocolError) -> None:
        """End the conversation with a fault."""
        if not self.closed:
            self._control.clear()
            self.send(Fault(error.code, _told(error.message), _told(error.remedy)))
            self.closed = True


def _told(text: str) -> str:
    """What may stand in a fault: an error can quote what the other end sent, NUL and all."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")[:2000]


class ClientSession(Session):
    """The editor's end. It says nothing but its proof before the server has proved itself.

    `binding` is the SHA-256 of the server's certificate, empty on a connection without TLS.
    """

    _mine = CLIENT_MESSAGES
    _theirs = SERVER_MESSAGES

    def __init__(
        self,
        token: str,
        account: str,
        program: str = "",
        binding: bytes = b"",
        now: Clock = time.monotonic,
    ) -> None:
        super().__init__(now)
        self._token = token
        self._binding = binding
        self._nonce = secrets.token_bytes(NONCE_BYTES)
        self._expected = b""
        self.send(Hello(VERSIONS, account, self._nonce, program))
        self._hello = self._control[0]

    def _shake_hands(self, event: Event, frame: bytes) -> list[Event]:
        if isinstance(event, Challenge) and not self._expected:
            if not event.nonce.startswith(self._nonce) or event.version not in VERSIONS:
                raise BadProof("the server answered somebody else's hello")
            signed = transcript(self._hello, frame, self._binding)
            proof, self._expected = client_proof(self._token, event.salt, event.iterations, signed)
            self.send(Proof(proof))
            self._agreed = event.version
            return []
        if isinstance(event, Welcome) and self._expected:
            if not secrets.compare_digest(event.signature, self._expected):
                raise BadProof("this server does not know the token", "Is another program there?")
            self.version, self.open = self._agreed, True
            return [event]
        raise NotAllowedNow("a message before the handshake is over")


class ServerSession(Session):
    """The server's end. `verifier_of` gives what is kept of an account's token.

    For an unknown account it should give a verifier that nothing matches, the same one every
    time: the answer must not tell which accounts there are.
    """

    _mine = SERVER_MESSAGES
    _theirs = CLIENT_MESSAGES

    def __init__(
        self,
        verifier_of: Callable[[str], Verifier],
        server: str,
        program: str = "",
        binding: bytes = b"",
        now: Clock = time.monotonic,
    ) -> None:
        super().__init__(now)
        self.hello: Hello | None = None
        self._verifier_of = verifier_of
        self._welcome = (server, program)
        self._binding = binding
        self._signed = b""

    @property
    def account(self) -> str:
        """Who is at the other end, once the session is open."""
        if not self.open or self.hello is None:
            raise NotAllowedNow("the other end has not proved who it is")
        return self.hello.account

    def _shake_hands(self, event: Event, frame: bytes) -> list[Event]:
        if isinstance(event, Hello) and self.hello is None:
            self._challenge(event, frame)
            return []
        if isinstance(event, Proof) and self.hello is not None:
            signature = check_proof(self._verifier, self._signed, event.proof)
            self.send(Welcome(signature, *self._welcome))
            self.version, self.open = self._agreed, True
            return [self.hello]
        raise NotAllowedNow("a message before the handshake is over")

    def _challenge(self, hello: Hello, frame: bytes) -> None:
        self.hello = hello
        self._agreed = agree(hello.versions)
        self._verifier = self._verifier_of(hello.account)
        nonce = hello.nonce + secrets.token_bytes(NONCE_BYTES)
        self.send(Challenge(self._agreed, nonce, self._verifier.salt, self._verifier.iterations))
        self._signed = transcript(frame, self._control[-1], self._binding)
