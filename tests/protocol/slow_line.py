"""Two sessions on a line of a given rate and length, in made-up time: all of it is exact."""

import heapq
import itertools
import random

from protocol.pair import Pair

from bottega_protocol.codec import Chunk
from bottega_protocol.messages import Announce, Stored

BUFFER = 8 * 2**20
"""Bytes that a sender's operating system takes before the line has carried them."""


NOISE = random.Random(4).randbytes(2**20)


def noise(offset, length):
    """A blob of any size that can't be deflated."""
    return (NOISE * 2)[offset % len(NOISE) :][:length]


class SlowLine:
    """`rate` in bytes per second each way, `way` in seconds from end to end.

    `heard` are messages and when they came, `got` the raw bytes of blobs that were asked for.
    """

    def __init__(self, rate, way):
        self.time = 0.0
        self.rate, self.way = rate, way
        self.pair = Pair(now=lambda: self.time).run()
        self.ends = {"up": self.pair.client, "down": self.pair.server}
        self.free = {"up": 0.0, "down": 0.0}
        self.wire = {"up": 0, "down": 0}
        self.heard = {}
        self.got = {}
        self._arrivals = []
        self._order = itertools.count()
        self._transfer = 0

    def send(self, message, way="up"):
        """Say something at one end, now; gives how many seconds it takes to the other."""
        began = self.time
        self.ends[way].send(message)
        self.run_until(lambda: message in self.heard)
        return self.heard[message] - began

    def blob(self, size, way="up", read=noise):
        """Begin to send a blob; gives its number."""
        self._transfer += 1
        self.ends[way].send_blob(Announce(self._transfer, bytes(32), size), read)
        return self._transfer

    def carry(self, size, way="up", read=noise):
        """Send a blob to its end; gives how many seconds it took."""
        began, transfer = self.time, self.blob(size, way, read)
        self.run_until(lambda: Stored(transfer) in self.heard)
        return self.time - began

    def run_for(self, seconds):
        """Let time go by."""
        until = self.time + seconds
        self.run_until(lambda: self.time >= until)

    def run_until(self, done):
        """Let time go by until something is true."""
        while not done():
            self._fill()
            if not self._arrivals:
                raise AssertionError("the line is silent")
            self.time, _, way, frame = heapq.heappop(self._arrivals)
            if frame is not None:
                self._arrive(way, frame)

    def in_flight(self, way):
        """Seconds for which what was handed to the line keeps it busy."""
        return max(0.0, self.free[way] - self.time)

    def _fill(self):
        """Hand over frames as long as the operating systems take them."""
        for way, end in self.ends.items():
            while self.in_flight(way) * self.rate < BUFFER:
                frame = end.next_frame()
                if frame is None:
                    break
                self.wire[way] += len(frame)
                self.free[way] = max(self.time, self.free[way]) + len(frame) / self.rate
                at = self.free[way] + self.way
                heapq.heappush(self._arrivals, (at, next(self._order), way, frame))

    def _arrive(self, way, frame):
        receiver = self.ends["down" if way == "up" else "up"]
        for event in receiver.receive(frame):
            if not isinstance(event, Chunk):
                self.heard.setdefault(event, self.time)
            if isinstance(event, Announce):
                receiver.accept(event)
            elif isinstance(event, Chunk):
                if event.transfer in self.got:
                    self.got[event.transfer] += event.data
                receiver.used(event.transfer, len(event.data))
                if receiver.complete(event.transfer):
                    receiver.stored(event.transfer)
