"""Somebody who asks for what is not theirs: each message of a client, in each way; and the answer.

An answer is told as words for a table; ids that were asked for are taken out of it.
"""

import os
from contextlib import suppress
from dataclasses import fields, replace

from fakes.talk import Talk, talk
from protocol_examples import EXAMPLES
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from bottega_protocol.codec import MOST_FRAME, Chunk, decode, encode_chunk, encode_message
from bottega_protocol.handshake import Hello
from bottega_protocol.invitation import account_of, token_of
from bottega_protocol.messages import (
    CLIENT_MESSAGES,
    SERVER_MESSAGES,
    Announce,
    AskOffers,
    Fault,
    Grant,
    Need,
    Offers,
    Submit,
)

CHUNK = "(chunk)"
NOTHING = "nothing"
SILENCE = 0.7
"""Seconds without a word that count as no answer."""


def messages():
    """Every kind of thing that a client can send, by its name on the wire, with an example."""
    found = {name: EXAMPLES[name] for name in CLIENT_MESSAGES}
    return {**found, CHUNK: Chunk(1, 0, b"bytes")}


def frame(message):
    """What goes over the wire."""
    if isinstance(message, Chunk):
        return encode_chunk(message)
    return encode_message(message, CLIENT_MESSAGES, 1)


class Intruder:
    """At one server's door. `foreign` is somebody's Order that has been painted."""

    def __init__(self, served, foreign, finished):
        self.served = served
        self.job = foreign.job
        self.request = foreign.submit.request
        self.result = finished.result.layers[0].pixels

    # --- without a proof -----------------------------------------------------------------------

    def unproved(self, message):
        """As the first word."""
        with self._socket() as socket:
            return self._said(socket, frame(message))

    def after_hello(self, message):
        """In place of the proof."""
        with self._socket() as socket:
            socket.send(frame(Hello((1,), "local", os.urandom(24))))
            socket.recv(timeout=20)
            return self._said(socket, frame(message))

    def wrong_token(self, message, account, token):
        """After a proof that was wrong: whether it is still heard."""
        with self._socket() as socket:
            speaker = Talk(socket, token, account)
            with suppress(ConnectionClosed):
                while not speaker.session.closed:
                    speaker.pump()
            with suppress(ConnectionClosed):
                socket.send(frame(message))
            told = [type(event).__name__ for event in speaker.heard if not _is_fault(event)]
            assert not speaker.session.open
            assert told == []
            return _words(*[event for event in speaker.heard if _is_fault(event)])

    def invited(self, message, secret):
        """By somebody who has proved an invitation and nothing else."""
        with talk(self.served.url, token_of(secret), account_of(secret)) as line:
            assert line.session.open
            return self._said(line.socket, frame(message))

    # --- with the proof of another artist --------------------------------------------------------

    def others_job(self, message, line):
        """Naming another's job; the same as naming one that nobody has, or the words differ."""
        if not hasattr(message, "job"):
            return None
        answers = [self._answer(line, replace(message, job=job)) for job in (self.job, _no_job())]
        return _same(answers)

    def others_hash(self, message, line):
        """Naming pixels that another has sent and painted."""
        if isinstance(message, Submit):
            mine = replace(message, job=os.urandom(16), request=self.request)
            need = line.ask(mine, Need)
            lacks = {image.sha256 for image in self.request.images()}
            return "needs every blob sent" if set(need.hashes) == lacks else "has some of them"
        if "sha256" not in {field.name for field in fields(message)}:
            return None
        if isinstance(message, Announce):
            message = replace(message, size=self.result.byte_count)
        return _same(
            [
                self._answer(line, replace(message, transfer=number, sha256=sha256))
                for number, sha256 in ((11, self.result.sha256), (12, os.urandom(32)))
            ]
        )

    def _answer(self, line, message):
        """Everything that is said up to the answer of a question that follows."""
        line.heard.clear()
        line.session.send(message)
        line.session.send(AskOffers(77))
        raw = []
        while not raw or not isinstance(raw[-1], Offers):
            line.flush()
            raw.append(decode(line.socket.recv(timeout=20), SERVER_MESSAGES, 1))
        return [_anonymous(event) for event in raw[:-1]]

    # --- inside ------------------------------------------------------------------------------

    def _socket(self):
        return connect(self.served.url, compression=None, proxy=None, max_size=MOST_FRAME)

    def _said(self, socket, content):
        socket.send(content)
        heard = []
        with suppress(ConnectionClosed, TimeoutError):
            while True:
                heard.append(decode(socket.recv(timeout=SILENCE), SERVER_MESSAGES, 1))
        return _words(*heard)


def _is_fault(event):
    return isinstance(event, Fault)


def _no_job():
    return os.urandom(16)


def _anonymous(event):
    """An answer without what was put into the question."""
    for name, nothing in (("job", bytes(16)), ("transfer", 0)):
        if hasattr(event, name):
            event = replace(event, **{name: nothing})
    return event


def _same(answers):
    """Words for two answers that ought to be one."""
    foreign, nobodys = answers
    return f"= nobody's: {_words(*foreign)}" if foreign == nobodys else f"{foreign} ≠ {nobodys}"


def _words(*events):
    """What was said, for the table."""
    told = [_word(event) for event in events]
    return ", ".join(told) if told else NOTHING


def _word(event):
    name = next(name for name, kind in SERVER_MESSAGES.items() if type(event) is kind)
    code = getattr(event, "code", "")
    if isinstance(event, Grant):
        return "may be sent"
    return f"{name} `{code}`" if code else name
