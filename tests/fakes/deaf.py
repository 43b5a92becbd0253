"""A client that proves itself and then never reads: what it is sent stays in the line's buffers."""

import select
import socket
from urllib.parse import urlsplit

from websockets.client import ClientProtocol
from websockets.frames import Opcode
from websockets.uri import parse_uri

from bottega_protocol.codec import encode_message
from bottega_protocol.messages import CLIENT_MESSAGES
from bottega_protocol.session import ClientSession

BUFFER = 4096


class Deaf:
    """One connection. A context manager."""

    def __init__(self, url, token, account="local"):
        at = urlsplit(url)
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        self._socket.connect((at.hostname, at.port))
        self._line = ClientProtocol(parse_uri(url))
        self._line.send_request(self._line.connect())
        self._session = ClientSession(token, account, "deaf")
        while not self._session.open:
            self._send()
            self._line.receive_data(self._socket.recv(BUFFER))
            for event in self._line.events_received():
                if getattr(event, "opcode", None) is Opcode.BINARY:
                    self._session.receive(event.data)
            if self._line.state.name == "OPEN":
                while (frame := self._session.next_frame()) is not None:
                    self._line.send_binary(frame)

    def say(self, message):
        """Say something; False once that would have to wait, for the other end waits for us."""
        self._line.send_binary(encode_message(message, CLIENT_MESSAGES, 1))
        if not select.select([], [self._socket], [], 0.5)[1]:
            return False
        self._send()
        return True

    @property
    def port(self):
        """By which the server knows this connection."""
        return self._socket.getsockname()[1]

    def _send(self):
        for content in self._line.data_to_send():
            self._socket.sendall(content)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()
