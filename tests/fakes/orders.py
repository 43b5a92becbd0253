"""Jobs to submit: small pictures of random bytes."""

import itertools
import os
import threading

from bottega_protocol.images import MASK, Layout, describe
from bottega_protocol.messages import Accepted, Need, Submit
from bottega_protocol.regions import Rectangle, Size
from bottega_protocol.requests import FillRequest

RGBA = Layout("RGBA", "u8")
ASKED = ("negative", "steps", "model", "sampler")
NUMBERS = itertools.count()
FOUR_BYTES = "\N{PILE OF POO}"
"""A character that takes as much of a frame as any."""


class Order:
    """A submit and the blobs that it names."""

    def __init__(self, prompt="", side=16, **fields):
        size = Size(side, side)
        self.pixels = os.urandom(side * side * RGBA.pixel_bytes)
        # Unlike any other, so that no test finds it uploaded already.
        self.mask = next(NUMBERS).to_bytes(4, "big") + b"\xff" * (side * side - 4)
        rectangle = Rectangle(0, 0, side, side)
        self.request = FillRequest(
            size,
            rectangle,
            rectangle,
            describe(self.pixels, size, RGBA),
            describe(self.mask, size, MASK),
            prompt=prompt,
            **{name: fields.pop(name) for name in ASKED if name in fields},
        )
        self.submit = Submit(os.urandom(16), self.request, **fields)
        self.job = self.submit.job

    @property
    def blobs(self):
        """The bytes of every hash."""
        return {
            self.request.pixels.sha256: self.pixels,
            self.request.mask.sha256: self.mask,
        }

    @property
    def negative(self):
        """What the step worker paints."""
        return bytes(255 - value for value in self.pixels)

    def follow(self, client, stop=None):
        """Submit it and yield what is heard of it."""
        return client.follow(self.submit, self.blobs, stop or threading.Event())


def submit(line, order):
    """Submit an order, upload what is needed, and wait for `accepted`."""
    need = line.ask(order.submit, Need)
    for transfer, sha256 in enumerate(need.hashes, start=1):
        line.upload(transfer, sha256, order.blobs[sha256])
    return line.until(Accepted)
