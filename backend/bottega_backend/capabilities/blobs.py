"""The files that a job reads and writes: bytes by their hash."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bottega_protocol.errors import BottegaError


class BlobMissing(BottegaError):
    """A job names pixels that were not handed over, or that can't be read."""

    code = "pixels-missing"


@dataclass
class Blobs:
    """`inputs` tells where the bytes with a hash lie; results are written into `output`."""

    inputs: Mapping[bytes, Path]
    output: Path
    written: dict[bytes, Path] = field(default_factory=dict)

    def read(self, sha256: bytes) -> bytes:
        """The bytes with this hash; raises BlobMissing."""
        try:
            return self.inputs[sha256].read_bytes()
        except (KeyError, OSError) as error:
            raise BlobMissing(
                f"the pixels {sha256.hex()[:12]} are not on this machine", "Send the job again."
            ) from error

    def write(self, data: bytes) -> bytes:
        """Keep these bytes as a result; their hash. The file appears whole or not at all."""
        sha256 = hashlib.sha256(data).digest()
        path = self.output / sha256.hex()
        partial = path.with_suffix(".partial")
        partial.write_bytes(data)
        partial.replace(path)
        self.written[sha256] = path
        return sha256
