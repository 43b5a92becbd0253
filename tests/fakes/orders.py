"""Jobs to submit: small pictures of random bytes."""

import itertools
import os
import threading

from bottega_protocol.images import MASK, Layout, describe
from bottega_protocol.messages import Accepted, Need, Submit
from bottega_protocol.regions import Rectangle, Size
from bottega_protocol.requests import FillRequest, GenerateRequest, RefineRequest

RGBA = Layout("RGBA", "u8")
SUBMITTED = ("document", "on_vanish", "live")
NUMBERS = itertools.count()
FOUR_BYTES = "\N{PILE OF POO}"
"""A character that takes as much of a frame as any."""


class Order:
    """A submit and the blobs that it names. Without `selected` there is no mask."""

    def __init__(self, prompt="", side=16, capability="fill", *, selected=True, **fields):
        size = Size(side, side)
        self.pixels = fields.pop("drawn", None) or os.urandom(side * side * RGBA.pixel_bytes)
        # Unlike any other, so that no test finds it uploaded already.
        self.mask = next(NUMBERS).to_bytes(4, "big") + b"\xff" * (side * side - 4)
        sent = {name: fields.pop(name) for name in SUBMITTED if name in fields}
        whole = Rectangle(0, 0, side, side)
        asked = {"canvas": size, "rectangle": whole, "prompt": prompt, **fields}
        if selected:
            asked |= {"selection": whole, "mask": describe(self.mask, size, MASK)}
        self.request = self._request(capability, size, asked)
        self.submit = Submit(os.urandom(16), self.request, **sent)
        self.job = self.submit.job

    def _request(self, capability, size, asked):
        if capability == "generate":
            return GenerateRequest(layout=RGBA, **asked)
        record = {"fill": FillRequest, "refine": RefineRequest}[capability]
        return record(pixels=describe(self.pixels, size, RGBA), **asked)

    @property
    def blobs(self):
        """The bytes of every hash."""
        contents = {len(self.pixels): self.pixels, len(self.mask): self.mask}
        return {image.sha256: contents[image.byte_count] for image in self.request.images()}

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
