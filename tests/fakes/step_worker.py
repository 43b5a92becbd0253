"""A worker without a model: each advance takes every job one step further.

Run as a program it speaks the pipe protocol. A job's prompt may hold orders, one per word:
`hold:FILE` makes no step until FILE exists, `die` ends the process at the first step, `die-once`
does so at the first attempt only, `hang` never answers, `fail` breaks the job, `forget` loses it.
"""

import asyncio
import hashlib
import os
import struct
import sys
import time
from pathlib import Path

from bottega_backend.workers.interface import (
    FRAMES,
    MOST_FRAME,
    NO_ROOM,
    Advance,
    Advanced,
    BlobFile,
    Broken,
    Done,
    Ended,
    Ready,
    Running,
    Spent,
    Start,
    Weigh,
)
from bottega_protocol.codec import decode, encode_message
from bottega_protocol.images import Layout, describe
from bottega_protocol.messages import Preview, Progress
from bottega_protocol.regions import Size
from bottega_protocol.requests import GenerateRequest, capability_of, seed_of
from bottega_protocol.results import Layer, Recipe, Result, Timings, Variation

LENGTH = struct.Struct("<I")
NEGATIVE = bytes(255 - value for value in range(256))
PREVIEW_SIDE = 8
RGBA = Layout("RGBA", "u8")


class StepWorker:
    """Paints by turning every byte of the picture into its complement."""

    def __init__(self, patience=5.0, warn=None):
        self.warn = warn
        self.jobs = {}
        self.steps = {}
        self.patience = patience
        self.most_resident = 0
        self.weights = {}

    def advance(self, order):
        events = []
        for command in order.commands:
            if isinstance(command, Start):
                self.jobs[command.job] = command
                self.steps[command.job] = 0
            elif isinstance(command, Weigh):
                self.weights[command.job] = command.weight
            elif self.jobs.pop(command.job, None) is not None:
                events.append(Ended(command.job))
        self.most_resident = max(self.most_resident, len(self.jobs))
        began, stepped = time.perf_counter(), list(self.jobs.values()) if order.budget_ms else []
        for job in stepped:
            events += self._step(job)
        if self.jobs:
            time.sleep(0.002)
        each = (time.perf_counter() - began) / max(1, len(stepped))
        spent = tuple(Spent(job.job, each) for job in stepped)
        return Advanced(tuple(events), bool(self.jobs), self.patience, spent)

    def _step(self, start):
        if self.warn:
            self.warn(Running((start.job,)))
        orders = dict((*word.split(":", 1), "")[:2] for word in start.request.prompt.split())
        if "hold" in orders and not Path(orders["hold"]).exists():
            return [Progress(start.job, "loading")]
        if "die" in orders or ("die-once" in orders and start.attempt == 1):
            os._exit(3)
        if "hang" in orders:
            time.sleep(3600)
        if "forget" in orders:
            del self.jobs[start.job]
            return []
        if "fail" in orders:
            del self.jobs[start.job]
            return [Broken(start.job, start.attempt, "broken-output", "As it was told.", "None.")]
        return self._paint(start)

    def _paint(self, start):
        self.steps[start.job] += 1
        step, steps = self.steps[start.job], start.request.steps or 4
        if step >= steps:
            del self.jobs[start.job]
            try:
                return [finish(start)]
            except OSError as error:
                return [Broken(start.job, start.attempt, NO_ROOM, str(error))]
        shade = bytes((step % 256,)) * (3 * PREVIEW_SIDE**2)
        return [
            Progress(start.job, "denoising", step, steps),
            Preview(start.job, PREVIEW_SIDE, PREVIEW_SIDE, shade),
        ]


def finish(start):
    """Write every variation's pixels, and the mask, and say so."""
    request = start.request
    files = {entry.sha256: Path(entry.path) for entry in start.inputs}
    contents = [picture(request, files, number) for number in range(request.count)]
    layers = [
        Layer(
            request.prompt[:200],
            request.rectangle,
            describe(content, request.rectangle.size, RGBA),
            request.mask,
            variation=number,
        )
        for number, content in enumerate(contents)
    ]
    if request.mask is not None:
        contents.append(files[request.mask.sha256].read_bytes())
    recipe = Recipe(
        capability_of(request), "fake", "Fake", "Euler", request.steps or 4, 1.0,
        getattr(request, "strength", 1.0), request.seed, request.prompt, request.negative,
        Size(8, 8), request.clip_skip,
    )  # fmt: skip
    variations = [Variation(seed_of(request, number)) for number in range(request.count)]
    told = tuple(variations) if request.count > 1 else ()
    outputs = tuple(write(content, Path(start.output)) for content in contents)
    result = Result(tuple(layers), recipe, variations=told)
    return Done(start.job, start.attempt, result, outputs, Timings(denoise=0.5))


def picture(request, files, number):
    """A variation's pixels: the complement of what was sent, or of nothing; made unlike others."""
    if isinstance(request, GenerateRequest):
        content = bytes(request.rectangle.size.area * RGBA.pixel_bytes)
    else:
        content = files[request.pixels.sha256].read_bytes()
    return content.translate(NEGATIVE[number:] + NEGATIVE[:number])


def write(content, folder):
    """A file of the result."""
    sha256 = hashlib.sha256(content).digest()
    file = folder / sha256.hex()
    file.write_bytes(content)
    return BlobFile(sha256, str(file))


class HereWorker:
    """Implements Worker in this process; starts and advances are counted."""

    def __init__(self):
        self.worker = StepWorker()
        self.advances = []
        self.closed = False

    async def start(self):
        return Ready("here", ())

    async def advance(self, commands, budget_ms):
        self.advances.append(commands)
        await asyncio.sleep(0)  # as a pipe would, let others run
        return self.worker.advance(Advance(commands, budget_ms))

    async def close(self):
        self.closed = True


def main():
    """Answer frames until there are no more."""
    orders = sys.argv[1:]
    if "broken" in orders:
        sys.exit("This worker does not start.")
    worker = StepWorker(warn=_send)
    _send(Ready("fake", ("step worker",)))
    while head := sys.stdin.buffer.read(LENGTH.size):
        frame = sys.stdin.buffer.read(LENGTH.unpack(head)[0])
        _send(worker.advance(decode(frame, FRAMES, 1, MOST_FRAME)))


def _send(record):
    frame = encode_message(record, FRAMES, 1, MOST_FRAME)
    sys.stdout.buffer.write(LENGTH.pack(len(frame)) + frame)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
