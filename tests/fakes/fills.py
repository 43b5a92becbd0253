"""Fill requests made of arrays, and a studio that does them: everything real but the pipe."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bottega_backend.engine.device import choose_device
from bottega_backend.shelf.catalog import Catalog
from bottega_backend.workers.interface import Advance, BlobFile, Broken, Done, Ended, Event, Start
from bottega_backend.workers.studio import Studio
from bottega_protocol.images import CHANNELS, MASK, Image, Layout, describe
from bottega_protocol.messages import Preview, Progress
from bottega_protocol.regions import Rectangle, Size
from bottega_protocol.requests import AnyRequest, FillRequest, GenerateRequest, RefineRequest

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
        return self.job(self.request(pixels, mask, **asked))

    def job(self, request: AnyRequest) -> Start:
        """A job for a request that was made here."""
        self.count += 1
        output = self.folder / "results"
        output.mkdir(exist_ok=True)
        wanted = {image.sha256 for image in request.images()}
        inputs = tuple(BlobFile(each, str(self.blobs[each])) for each in wanted)
        return Start(self.count.to_bytes(16, "big"), 1, request, inputs, str(output))

    def request(self, pixels: np.ndarray, mask: np.ndarray, **asked) -> FillRequest:
        """Fill what is masked; `asked` are the request's fields."""
        kept = self._keep(pixels, Size(*mask.shape[::-1]), self.layout)
        return FillRequest(**self._place(mask.shape), **self._select(mask), pixels=kept, **asked)

    def refine(self, pixels: np.ndarray, mask: np.ndarray | None = None, **asked) -> RefineRequest:
        """Refine what is masked, or all of it."""
        height, width = pixels.shape[:2]
        selected = {} if mask is None else self._select(mask)
        kept = self._keep(pixels, Size(width, height), self.layout)
        return RefineRequest(**self._place((height, width)), **selected, pixels=kept, **asked)

    def generate(self, width: int, height: int, mask: np.ndarray | None = None, **asked):
        """Paint from words, behind a mask or without one."""
        selected = {} if mask is None else self._select(mask)
        place = self._place((height, width))
        return GenerateRequest(**place, **selected, layout=self.layout, **asked)

    def _place(self, shape: tuple[int, ...]) -> dict[str, Size | Rectangle]:
        height, width = shape
        canvas = Size(width + 6, height + 10)
        return {"canvas": canvas, "rectangle": Rectangle(3, 5, width, height)}

    def _select(self, mask: np.ndarray) -> dict[str, Rectangle | Image]:
        rows, columns = np.nonzero(mask.any(axis=1))[0], np.nonzero(mask.any(axis=0))[0]
        left, top = int(columns[0]), int(rows[0])
        width, height = int(columns[-1]) - left + 1, int(rows[-1]) - top + 1
        kept = self._keep(mask, Size(*mask.shape[::-1]), MASK)
        return {"selection": Rectangle(3 + left, 5 + top, width, height), "mask": kept}

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
