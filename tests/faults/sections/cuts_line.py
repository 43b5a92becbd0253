"""A line on loopback that is cut at a chosen byte, and can be slow and long."""

from __future__ import annotations

import queue
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

RESET = struct.pack("ii", 1, 0)
"""SO_LINGER: closing sends a reset, as a machine that loses its power does on coming back."""

PIECE = 2048
"""Bytes that a slow line carries at once."""

Pipe = queue.SimpleQueue[tuple[float, bytes]]
"""What is on its way: when it is due at the far end, and the bytes; none at the end."""


@dataclass
class Way:
    """One direction: bytes carried so far, and at which of them the line is to be cut."""

    carried: int = 0
    cut_at: int | None = None

    def take(self, length: int) -> int | None:
        """Count what came; how much of it still goes through where the cut lies in it."""
        before = self.carried
        self.carried += length
        if self.cut_at is None or self.cut_at > self.carried:
            return None
        left, self.cut_at = max(0, self.cut_at - before), None
        return left


@dataclass
class CutLine:
    """Relays to `port`. `rate` is bytes per second each way, `delay` seconds of the way there.

    `was_cut` is told of every cut, on the line's own threads.
    """

    port: int
    was_cut: Callable[[str], None]
    rate: float = 0.0
    delay: float = 0.0
    ways: dict[str, Way] = field(default_factory=lambda: {"up": Way(), "down": Way()})

    def __post_init__(self) -> None:
        self._door = socket.create_server(("127.0.0.1", 0))
        self._turn = threading.Lock()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        """Where a client connects."""
        return f"ws://127.0.0.1:{self._door.getsockname()[1]}"

    def cut_in(self, way: str, count: int) -> None:
        """Cut it so many bytes from now on."""
        with self._turn:
            self.ways[way].cut_at = self.ways[way].carried + count

    def close(self) -> None:
        """No more connections."""
        self._door.close()
        self._drop(reset=False)

    def _drop(self, *, reset: bool) -> None:
        pairs, self._pairs = self._pairs, []
        for end in (end for pair in pairs for end in pair):
            with suppress(OSError):
                if reset:
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._door.accept()
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self.port))
            for end in (near, far):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                if self.rate:  # what a system buffers would be carried at once
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * PIECE)
            self.connections += 1
            self._pairs.append((near, far))
            for way, source, sink in (("up", near, far), ("down", far, near)):
                pipe: Pipe = queue.SimpleQueue()
                for work in (self._take_in, self._let_out):
                    words = (way, source, sink, pipe)
                    threading.Thread(target=work, args=words, daemon=True).start()

    def _take_in(self, _: str, source: socket.socket, __: socket.socket, pipe: Pipe) -> None:
        due = 0.0
        with suppress(OSError):
            while data := source.recv(PIECE if self.rate else 65536):
                if self.rate:
                    due = max(due, time.monotonic() - 0.05) + len(data) / self.rate
                    time.sleep(max(0.0, due - time.monotonic()))
                pipe.put((time.monotonic() + self.delay, data))
        pipe.put((0.0, b""))

    def _let_out(self, way: str, _: socket.socket, sink: socket.socket, pipe: Pipe) -> None:
        with suppress(OSError):
            while (entry := pipe.get())[1]:
                time.sleep(max(0.0, entry[0] - time.monotonic()))
                with self._turn:
                    left = self.ways[way].take(len(entry[1]))
                if left is None:
                    sink.sendall(entry[1])
                    continue
                sink.sendall(entry[1][:left])
                self._drop(reset=bool(left % 2))
                self.was_cut(way)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)
