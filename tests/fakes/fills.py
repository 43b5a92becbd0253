"""Fill requests made of arrays, and a studio that does them: everything real but the pipe."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bottega_backend.engine.device import choose_device
from bottega_backend.shelf.catalog import Catalog
from bottega_backend.workers.interface import Advance, BlobFile, Broken, Done, Ended, Event, Start
from bottega_backend.workers.studio import Studio
from bottega_protocol.images import CHANNELS, MASK, Layout, describe
from bottega_protocol.messages import Preview, Progress
from bottega_protocol.regions import Rectangle, Size
from bottega_protocol.requests import FillRequest

RGBA8 = Layout("RGBA", "u8")
SAMPLES = {"u8": np.uint8, "u16": np.uint16, "f16": np.float16, "f32": np.float32}


def picture(width: int, height: int, layout: Layout = RGBA8, seed: int = 0) -> np.ndarray:
    """Random pixels (height, width, channels) of a layout, opaque."""
    values = np.random.default_rng(seed).random((height, width, CHANNELS[layout.channels]))
    if layout.channels in ("RGBA", "BGRA", "GRAYA"):
        values[..., -1] = 1
    full = {"u8": 255, "u16": 65535}.get(layout.depth, 1)
    return (values * full).astype(SAMPLES[layout.depth])


def box(width: int, height: int, x: slice, y: slice) -> np.ndarray:
    """A mask (height, width) that is 255 in the given columns and rows."""
    mask = np.zeros((height, width), np.uint8)
    mask[y, x] = 255
    return mask


@dataclass
class Desk:
    """Blobs in a folder, requests that name them, and starts for a worker."""

    folder: Path
    layout: Layout = RGBA8
    count: int = 0
    blobs: dict[bytes, Path] = field(default_factory=dict)

    def start(self, pixels: np.ndarray, mask: np.ndarray, **asked) -> Start:
        """A job that fills `mask` in `pixels`; the canvas lies 3, 5 pixels around it."""
        self.count += 1
        request = self.request(pixels, mask, **asked)
        output = self.folder / "results"
        output.mkdir(exist_ok=True)
        inputs = tuple(BlobFile(each, str(path)) for each, path in self.blobs.items())
        job = self.count.to_bytes(16, "big")
        wanted = {image.sha256 for image in request.images()}
        inputs = tuple(blob for blob in inputs if blob.sha256 in wanted)
        return Start(job, 1, request, inputs, str(output))

    def request(self, pixels: np.ndarray, mask: np.ndarray, **asked) -> FillRequest:
        """The request itself; `asked` are its fields."""
        height, width = mask.shape
        rows, columns = np.nonzero(mask.any(axis=1))[0], np.nonzero(mask.any(axis=0))[0]
        selection = Rectangle(
            3 + int(columns[0]),
            5 + int(rows[0]),
            int(columns[-1] - columns[0]) + 1,
            int(rows[-1] - rows[0]) + 1,
        )
        size = Size(width, height)
        return FillRequest(
            canvas=Size(width + 6, height + 10),
            selection=selection,
            rectangle=Rectangle(3, 5, width, height),
            pixels=self._keep(pixels, size, self.layout),
            mask=self._keep(mask, size, MASK),
            **asked,
        )

    def _keep(self, array: np.ndarray, size: Size, layout: Layout):
        data = array.tobytes()
        image = describe(data, size, layout)
        self.blobs[image.sha256] = self.folder / image.sha256.hex()
        self.blobs[image.sha256].write_bytes(data)
        return image


def studio(models: Path | None = None, watch=None) -> Studio:
    """A studio on the CPU."""
    return Studio(Catalog(models), choose_device("cpu"), watch)


def finish(worker: Studio, starts: Iterable[Start]) -> dict[bytes, Event]:
    """Do these jobs to the end; how each ended."""
    ends: dict[bytes, Event] = {}
    order = Advance(tuple(starts), 1000)
    while True:
        told = worker.advance(order)
        for event in told.events:
            if not isinstance(event, (Progress, Preview)):
                assert isinstance(event, (Done, Broken, Ended))
                assert event.job not in ends, "a job ended twice"
                ends[event.job] = event
        if not told.busy:
            return ends
        order = Advance((), 1000)


def painted(done: Done) -> np.ndarray:
    """The layer's pixels (height, width, channels) as they lie on disk."""
    layer = done.result.layers[0]
    path = {blob.sha256: blob.path for blob in done.files}[layer.pixels.sha256]
    samples = np.frombuffer(Path(path).read_bytes(), SAMPLES[layer.pixels.depth])
    return samples.reshape(layer.pixels.height, layer.pixels.width, -1)


def masked(done: Done) -> np.ndarray:
    """The layer's mask (height, width) as it lies on disk."""
    layer = done.result.layers[0]
    path = {blob.sha256: blob.path for blob in done.files}[layer.mask.sha256]
    samples = np.frombuffer(Path(path).read_bytes(), np.uint8)
    return samples.reshape(layer.mask.height, layer.mask.width)
