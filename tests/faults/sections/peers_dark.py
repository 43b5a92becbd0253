"""A line that goes dark: both ends think that it stands, and nothing goes through any more."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class DarkLine:
    """Relays to `port`, until `go_dark`: from then on what is open swallows everything.

    New connections are relayed as before: the network is back, the old ones never hear of it.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._door = socket.create_server(("127.0.0.1", 0))
        self._epoch = 0
        self._ends: list[socket.socket] = []
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """Where a client connects."""
        return f"ws://127.0.0.1:{self._door.getsockname()[1]}"

    def go_dark(self) -> None:
        """Swallow what comes over the connections that are open, from both ends."""
        self._epoch += 1

    def close(self) -> None:
        """No more of it."""
        for end in (self._door, *self._ends):
            with suppress(OSError):
                end.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._door.accept()
                far = socket.create_connection(("127.0.0.1", self._port))
                self.connections += 1
                self._ends += [near, far]
                for source, sink in ((near, far), (far, near)):
                    words = (source, sink, self._epoch)
                    threading.Thread(target=self._carry, args=words, daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, epoch: int) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if epoch == self._epoch:
                    sink.sendall(data)
            if epoch == self._epoch:
                sink.shutdown(socket.SHUT_WR)
