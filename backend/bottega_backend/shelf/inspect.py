"""Reads what a safetensors file holds from its header alone: no tensor, no torch, no pickle."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bottega_backend.errors import Unreadable

MOST_HEADER = 16 * 2**20
"""Bytes of a header; the largest in use have about one."""

LENGTH = struct.Struct("<Q")


@dataclass(frozen=True)
class Tensor:
    """One tensor of a file: its sample type as the file names it, and its shape."""

    dtype: str
    shape: tuple[int, ...]


def read_header(path: Path) -> dict[str, Tensor]:
    """List the tensors of a safetensors file; raises Unreadable for anything else.

    The format: a little-endian 64-bit length, so many bytes of JSON, then the tensors.
    """
    try:
        with path.open("rb") as file:
            text = _header_bytes(file.read(LENGTH.size), path)
            raw = file.read(text)
        fields = json.loads(raw)
    except OSError as error:
        raise Unreadable(place_of(path), f"can't be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise Unreadable(place_of(path), "has no safetensors header") from error
    if not isinstance(fields, dict):
        raise Unreadable(place_of(path), "has no safetensors header")
    fields.pop("__metadata__", None)
    space = path.stat().st_size - LENGTH.size - len(raw)
    return {name: _tensor(name, entry, space, path) for name, entry in fields.items()}


def place_of(path: Path) -> str:
    """How a file of a model is called: every part of one has a config.json."""
    return f"{path.parent.name}/{path.name}"


def _header_bytes(start: bytes, path: Path) -> int:
    if len(start) < LENGTH.size:
        raise Unreadable(place_of(path), "is too short for a safetensors file")
    length: int = LENGTH.unpack(start)[0]
    if length > min(MOST_HEADER, path.stat().st_size - LENGTH.size):
        raise Unreadable(place_of(path), "has no safetensors header")
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
