"""Two sessions joined in memory."""

import time

from bottega_protocol.errors import ProtocolError
from bottega_protocol.scram import make_verifier
from bottega_protocol.session import ClientSession, ServerSession

TOKEN = "a token of the artist's own"  # noqa: S105  # a test's
STRANGER = make_verifier("nobody's", bytes(16))


def verifier_of(account):
    """What the server keeps: one account, and the same answer for every other name."""
    return make_verifier(TOKEN, b"salt of the account") if account == "local" else STRANGER


class Pair:
    """A client and a server session, and a line between them that loses nothing."""

    def __init__(self, token=TOKEN, account="local", binding=(b"", b""), now=time.monotonic):
        self.client = ClientSession(token, account, "test", binding[0], now)
        self.server = ServerSession(verifier_of, "studio", "test", binding[1], now)
        self.heard = {self.client: [], self.server: []}
        self.errors = {}
        self.frames = []

    def step(self, sender):
        """Carry one frame; whether there was one."""
        frame = sender.next_frame()
        if frame is None:
            return False
        receiver = self.server if sender is self.client else self.client
        self.frames.append(frame)
        try:
            self.heard[receiver] += receiver.receive(frame)
        except ProtocolError as error:
            self.errors[receiver] = error
        return True

    def run(self):
        """Carry frames until the line is silent."""
        while self.step(self.client) or self.step(self.server):
            pass
        return self
