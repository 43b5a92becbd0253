"""Reads what a safetensors file holds from its header alone: no tensor, no torch, no pickle."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bottega_backend.errors import Unreadable

MOST_HEADER = 16 * 2**20
"""Bytes of a header; the largest in use have about one."""

LENGTH = struct.Struct("<Q")


PICKLE = "is a pickle, which can run programs when it is opened: only safetensors files are used"

OTHERS = (
    (b"PK\x03\x04", PICKLE),  # torch.save's zip around one
    *((bytes((0x80, protocol)), PICKLE) for protocol in range(2, 6)),
    (b"GGUF", "is a GGUF file, a format that is not read"),
)
"""How files begin that are found in model folders, and what they are."""


@dataclass(frozen=True)
class Tensor:
    """One tensor of a file: its sample type as the file names it, and its shape."""

    dtype: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Header:
    """What a file holds: its tensors by name, and what it says about itself."""

    tensors: dict[str, Tensor]
    metadata: dict[str, str] = field(default_factory=dict)

    def shape(self, name: str) -> tuple[int, ...]:
        """A tensor's shape; () where there is none of this name."""
        return self.tensors[name].shape if name in self.tensors else ()


def read_file(path: Path) -> Header:
    """Read a safetensors file's header; raises Unreadable, which calls pickles pickles.

    The format: a little-endian 64-bit length, so many bytes of JSON, then the tensors.
    """
    try:
        with path.open("rb") as file:
            start = file.read(LENGTH.size)
            raw = file.read(_header_bytes(start, path))
        fields = json.loads(raw)
    except OSError as error:
        raise Unreadable(place_of(path), f"can't be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise _no_header(path, start) from error
    if not isinstance(fields, dict):
        raise _no_header(path, start)
    said = fields.pop("__metadata__", None)
    space = path.stat().st_size - LENGTH.size - len(raw)
    tensors = {name: _tensor(name, entry, space, path) for name, entry in fields.items()}
    return Header(tensors, _metadata(said))


def _metadata(said: Any) -> dict[str, str]:
    """Texts by name; what is anything else is no metadata."""
    if not isinstance(said, dict):
        return {}
    return {name: text for name, text in said.items() if isinstance(text, str)}


def _no_header(path: Path, start: bytes) -> Unreadable:
    """Why a file that begins so is refused. It was looked at, not opened."""
    for begin, kind in OTHERS:
        if start.startswith(begin):
            return Unreadable(place_of(path), kind)
    return Unreadable(place_of(path), "has no safetensors header")


def place_of(path: Path) -> str:
    """How a file of a model is called: every part of one has a config.json."""
    return f"{path.parent.name}/{path.name}"


def _header_bytes(start: bytes, path: Path) -> int:
    if len(start) < LENGTH.size:
        raise Unreadable(place_of(path), "is too short for a safetensors file")
    length: int = LENGTH.unpack(start)[0]
    if length > min(MOST_HEADER, path.stat().st_size - LENGTH.size):
        raise _no_header(path, start)
    return length


def _tensor(name: str, entry: Any, space: int, path: Path) -> Tensor:
    """Check one entry of the header: its shape in whole numbers, its bytes inside the file."""
    try:
        shape, (start, end) = tuple(entry["shape"]), entry["data_offsets"]
        dtype = entry["dtype"]
    except (TypeError, KeyError, ValueError) as error:
        raise Unreadable(place_of(path), f"describes {name!s:.80} wrongly") from error
    numbers = (*shape, start, end)
    if not isinstance(dtype, str) or any(type(number) is not int for number in numbers):
        raise Unreadable(place_of(path), f"describes {name!s:.80} wrongly")
    if not (0 <= start <= end <= space) or min(shape, default=0) < 0:
        raise Unreadable(place_of(path), f"is cut short: {name!s:.80} lies outside")
    return Tensor(dtype, shape)
