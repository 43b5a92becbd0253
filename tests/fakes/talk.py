"""A client that blocks and remembers everything: a ClientSession on a websocket, in one thread."""

from contextlib import contextmanager

from websockets.exceptions import ConnectionClosed

from bottega_client.launch import Address
from bottega_client.transport import _websocket as websocket
from bottega_protocol.codec import Chunk
from bottega_protocol.messages import Announce
from bottega_protocol.session import ClientSession


class Talk:
    """One connection; `heard` holds every event in order."""

    def __init__(self, socket, token, account="local", binding=b""):
        self.socket = socket
        self.session = ClientSession(token, account, "test", binding)
        self.heard = []
        self.blobs = {}

    def until(self, *kinds, matching=lambda _: True):
        """Pump until an event of one of these kinds has come; gives it."""
        seen = 0
        while True:
            for event in self.heard[seen:]:
                seen += 1
                if isinstance(event, kinds) and matching(event):
                    return event
            self.pump()

    def pump(self):
        """Send what waits, then take one frame."""
        self.flush()
        for event in self.session.receive(self.socket.recv(timeout=20)):
            self.heard.append(event)
            self._download(event)

    def to_the_end(self):
        """Pump until the server hangs up; gives its last word and how it closed."""
        try:
            while True:
                self.pump()
        except ConnectionClosed as closed:
            return self.heard[-1] if self.heard else None, closed

    def flush(self):
        """Send what waits."""
        while (frame := self.session.next_frame()) is not None:
            self.socket.send(frame)

    def ask(self, message, *kinds):
        """Say something and wait for an answer that comes after it."""
        self.heard.clear()
        self.session.send(message)
        return self.until(*kinds)

    def upload(self, transfer, sha256, content):
        """Offer a blob."""
        self.session.send_blob(
            Announce(transfer, sha256, len(content)),
            lambda offset, length: content[offset : offset + length],
        )

    def _download(self, event):
        if isinstance(event, Announce):
            self.blobs[event.transfer] = bytearray()
            self.session.accept(event)
        elif isinstance(event, Chunk):
            self.blobs[event.transfer] += event.data
            self.session.used(event.transfer, len(event.data))
            if self.session.complete(event.transfer):
                self.session.stored(event.transfer)
        self.flush()


@contextmanager
def talk(url, token, account="local", pin=""):
    """Connect and shake hands, as far as the server lets us; on TLS with this certificate."""
    socket, binding = websocket(Address(url, token, account, pin))
    with socket:
        speaker = Talk(socket, token, account, binding)
        while not (speaker.session.open or speaker.session.closed):
            speaker.pump()
        yield speaker
