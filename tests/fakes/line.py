"""A TCP line on loopback that can be slow, and be cut while bytes are on it."""

import socket
import threading
import time
from contextlib import suppress

PIECE = 4096
"""Bytes that a slow line carries at once."""


class Line:
    """Relays every connection to `port`; `after` bytes from the server or client it breaks once.

    With a `rate` it carries so many bytes per second each way, and takes in no more than that;
    `carried` counts them.
    """

    def __init__(self, port, rate=None):
        self.rate = rate
        self.carried = {"up": 0, "down": 0}
        self._target = port
        self._door = socket.create_server(("127.0.0.1", 0))
        self._open = []
        self.port = self._door.getsockname()[1]
        self.connections = 0
        self.cut_after = {"up": None, "down": None}
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self):
        """Where a client connects."""
        return f"ws://127.0.0.1:{self.port}"

    def cut(self):
        """Break every connection now."""
        # A client that comes back at once must not be cut again.
        ends, self._open = self._open, []
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def close(self):
        """No more connections."""
        self._door.close()
        self.cut()

    def _accept(self):
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._target))
            except OSError:  # no server is there for now
                near.close()
                continue
            self.connections += 1
            self._open += [near, far]
            if self.rate:  # what a system buffers would be carried at once
                for end in (near, far):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * PIECE)
            for way, source, sink in (("up", near, far), ("down", far, near)):
                threading.Thread(target=self._carry, args=(way, source, sink), daemon=True).start()

    def _carry(self, way, source, sink):
        due = 0.0
        with suppress(OSError):
            while data := source.recv(PIECE if self.rate else 65536):
                self.carried[way] += len(data)
                if self.rate:
                    # By the clock: a sleep that was too long is made good by the next.
                    due = max(due, time.monotonic() - 0.05) + len(data) / self.rate
                    time.sleep(max(0.0, due - time.monotonic()))
                left = self.cut_after[way]
                if left is not None and left <= len(data):
                    self.cut_after[way] = None
                    sink.sendall(data[:left])
                    self.cut()
                    return
                if left is not None:
                    self.cut_after[way] = left - len(data)
                sink.sendall(data)
        # Also after a reset, as a killed server sends one: the other end must hear of it.
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)
