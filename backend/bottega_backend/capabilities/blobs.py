"""The files that a job reads and writes: bytes by their hash, a few rows of them at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

from bottega_backend.engine.tap import wait_until
from bottega_backend.imaging.blend import on_paper
from bottega_backend.imaging.masks import decode_mask
from bottega_backend.imaging.pixels import Floats, decode
from bottega_backend.imaging.rows import AT_ONCE, rows_at_once
from bottega_protocol.errors import BadMessage, BottegaError
from bottega_protocol.images import Image
from bottega_protocol.regions import Size

T = TypeVar("T")


class BlobMissing(BottegaError):
    """A job names pixels that were not handed over, or that can't be read."""

    code = "pixels-missing"


@dataclass(frozen=True)
class Stored:
    """Rows of an image that lies in a file."""

    path: Path
    image: Image

    @property
    def size(self) -> Size:
        return self.image.size

    @property
    def step(self) -> int:
        return rows_at_once(self.image.width)

    def rows(self, top: int, bottom: int) -> Floats:
        """Decoded; raises BlobMissing."""
        row = self.image.byte_count // self.image.height
        try:
            with self.path.open("rb") as file:
                file.seek(top * row)
                data = file.read((bottom - top) * row)
        except OSError as error:
            raise _missing(self.image.sha256) from error
        return self._decoded(data, replace(self.image, height=bottom - top))

    def _decoded(self, data: bytes, part: Image) -> Floats:
        """The colours (h, w, 3) on white that a model may see."""
        return on_paper(decode(data, part))


class StoredMask(Stored):
    """Rows of a mask that lies in a file: coverage (h, w), 0 keep to 1 paint."""

    def _decoded(self, data: bytes, part: Image) -> Floats:
        return decode_mask(data, part)


@dataclass
class Writing:
    """A result's file while it grows. `sha256` is that of what was written so far."""

    file: BinaryIO
    digest: Any = field(default_factory=hashlib.sha256)

    def write(self, data: bytes) -> None:
        """Add these bytes."""
        self.file.write(data)
        self.digest.update(data)

    @property
    def sha256(self) -> bytes:
        return cast("bytes", self.digest.digest())


@dataclass
class Blobs:
    """Of one job: `inputs` tells where the bytes with a hash lie; results go into `output`."""

    inputs: Mapping[bytes, Path]
    output: Path
    written: dict[bytes, Path] = field(default_factory=dict)
    _shared: dict[str, Any] = field(default_factory=dict)
    _begun: int = 0

    def picture(self, image: Image) -> Stored:
        """The rows of an image; raises BlobMissing, or BadMessage where it is not as long."""
        return Stored(self._path(image), image)

    def mask(self, image: Image) -> StoredMask:
        """The rows of a mask; raises as `picture`."""
        return StoredMask(self._path(image), image)

    def _path(self, image: Image) -> Path:
        try:
            path = self.inputs.get(image.sha256) or self.written[image.sha256]
            length = path.stat().st_size
        except (KeyError, OSError) as error:
            raise _missing(image.sha256) from error
        if length != image.byte_count:
            raise BadMessage("Image", f"has {length} bytes, its size asks for {image.byte_count}")
        return path

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """A new result: its file appears whole or not at all, once the block ends well."""
        self._begun += 1
        partial = self.output / f"{id(self):x}-{self._begun}.partial"
        try:
            with partial.open("xb") as file:
                writing = Writing(file)
                yield writing
            path = self.output / writing.sha256.hex()
            partial.replace(path)
            self.written[writing.sha256] = path
        finally:
            partial.unlink(missing_ok=True)

    def keep(self, image: Image) -> None:
        """An image of the request becomes one of the result; raises as `picture`."""
        with self._path(image).open("rb") as source, self.writing() as result:
            while data := source.read(AT_ONCE):
                result.write(data)

    def once(self, key: str, make: Callable[[], T]) -> T:
        """What all variations of a job share: made by the first that asks, others wait for it.

        Who makes it may rest meanwhile. Where it fails the next one tries again.
        """
        while self._shared.get(key) is _BEING_MADE:
            wait_until(lambda: self._shared.get(key) is not _BEING_MADE)
        if key not in self._shared:
            self._shared[key] = _BEING_MADE
            try:
                self._shared[key] = make()
            finally:
                if self._shared[key] is _BEING_MADE:
                    del self._shared[key]
        return cast("T", self._shared[key])


_BEING_MADE = object()


def _missing(sha256: bytes) -> BlobMissing:
    return BlobMissing(
        f"the pixels {sha256.hex()[:12]} are not on this machine", "Send the job again."
    )
