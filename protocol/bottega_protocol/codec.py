"""How a frame becomes bytes and back: the only import of msgpack.

A frame is one binary websocket message. Its first byte says what follows: 0 a control message
(a msgpack map with its name under "type"), 1 a chunk (transfer and offset, then raw bytes), 2 a
deflated chunk (the same, but a zlib stream of the raw bytes).
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import Any

import msgpack

from .errors import BadMessage, TooLarge
from .schema import Record

CONTROL = 0
CHUNK = 1
DEFLATED = 2

MOST_CONTROL = 64 * 1024
"""Bytes of a control frame, its first byte included."""

MOST_CHUNK = 256 * 1024
"""Bytes that one chunk carries."""

CHUNK_HEADER = struct.Struct("<BIQ")
"""First byte, transfer, offset."""

MOST_FRAME = CHUNK_HEADER.size + MOST_CHUNK
"""The longest frame of all: what a websocket library should be told to refuse beyond."""

MOST_VALUES = 4096
"""Values in one control message: no legal one has more, and no bomb gets further."""

MOST_KEYS = 64


@dataclass(frozen=True)
class Chunk:
    """A piece of a blob: `data` belongs at `offset`."""

    transfer: int
    offset: int
    data: bytes


def encode_message(
    message: Record, names: dict[str, type[Record]], version: int, most: int = MOST_CONTROL
) -> bytes:
    """The control frame of a message; raises TooLarge for one over the cap."""
    name = next(name for name, record in names.items() if record is type(message))
    body: bytes = msgpack.packb({"type": name, **message.to_wire(version)}, use_bin_type=True)
    if len(body) >= most:
        raise TooLarge(f"a {name} message of {len(body)} bytes", "Shorten its texts.")
    return bytes((CONTROL,)) + body


def encode_chunk(chunk: Chunk, deflated: bytes | None = None) -> bytes:
    """The frame of a chunk; `deflated` is a zlib stream of its data, to be sent instead."""
    if deflated is None:
        return CHUNK_HEADER.pack(CHUNK, chunk.transfer, chunk.offset) + chunk.data
    return CHUNK_HEADER.pack(DEFLATED, chunk.transfer, chunk.offset) + deflated


def decode(
    frame: bytes, names: dict[str, type[Record]], version: int, most: int = MOST_CONTROL
) -> Record | Chunk:
    """The message or chunk of a frame; `names` are the messages that the other end may send.

    Raises TooLarge before decoding, BadMessage for everything that SPEC.md does not allow.
    """
    if not frame:
        raise BadMessage("frame", "is empty")
    if frame[0] in (CHUNK, DEFLATED):
        return _decode_chunk(frame)
    if frame[0] == CONTROL:
        return _decode_message(frame, names, version, most)
    raise BadMessage("frame", f"begins with {frame[0]}, which is no known kind")


def _decode_chunk(frame: bytes) -> Chunk:
    if len(frame) > MOST_FRAME:
        raise TooLarge(f"a chunk of {len(frame)} bytes", f"Send at most {MOST_CHUNK} at once.")
    if len(frame) <= CHUNK_HEADER.size:
        raise BadMessage("chunk", "carries nothing")
    kind, transfer, offset = CHUNK_HEADER.unpack_from(frame)
    data = frame[CHUNK_HEADER.size :]
    return Chunk(transfer, offset, data if kind == CHUNK else _inflate(data))


def _inflate(deflated: bytes) -> bytes:
    """What was deflated; never more than a chunk, however much is claimed."""
    stream = zlib.decompressobj()
    try:
        # One more than is allowed: at the limit itself it would not look for the stream's end.
        data = stream.decompress(deflated, MOST_CHUNK + 1)
    except zlib.error as error:
        raise BadMessage("chunk", f"is no zlib stream ({error!s:.100})") from error
    if not (0 < len(data) <= MOST_CHUNK and stream.eof) or stream.unused_data:
        raise BadMessage("chunk", f"must be one zlib stream of 1 to {MOST_CHUNK} bytes")
    return data


def _decode_message(
    frame: bytes, names: dict[str, type[Record]], version: int, most: int
) -> Record:
    if len(frame) > most:
        raise TooLarge(f"a control message of {len(frame)} bytes", f"The cap is {most}.")
    fields = _unpack(frame[1:])
    if type(fields) is not dict:
        raise BadMessage("message", "must be a map")
    name = fields.pop("type", None)
    if type(name) is not str or name not in names:
        raise BadMessage("message.type", f"{name!s:.80} is no message that this end takes")
    return names[name].from_wire(fields, version, name)


class _Budget:
    """Counts the values of a message while it is decoded, and stops at the cap.

    msgpack's own limits hold for each container alone: without a sum, lists of lists of empty
    maps make 64 KiB of wire cost millions of objects' worth of time in a pure-Python decoder.
    """

    def __init__(self) -> None:
        self.left = MOST_VALUES

    def take(self, count: int) -> None:
        self.left -= count + 1
        if self.left < 0:
            raise BadMessage("message", f"has more than {MOST_VALUES} values")

    def pairs(self, pairs: list[tuple[Any, Any]]) -> dict[str, Any]:
        self.take(len(pairs))
        fields = {}
        for key, value in pairs:
            if type(key) is not str or key in fields:
                raise BadMessage("message", "has a key that is no text or comes twice")
            fields[key] = value
        return fields

    def entries(self, entries: list[Any]) -> list[Any]:
        self.take(len(entries))
        return entries


def _unpack(body: bytes) -> Any:
    budget = _Budget()
    try:
        return msgpack.unpackb(
            body,
            raw=False,
            use_list=True,
            strict_map_key=True,
            object_pairs_hook=budget.pairs,
            list_hook=budget.entries,
            max_map_len=MOST_KEYS,
            max_array_len=MOST_VALUES,
            max_ext_len=0,
        )
    except (ValueError, TypeError, RecursionError, msgpack.UnpackException) as error:
        raise BadMessage("message", f"is not msgpack as SPEC.md has it ({error!s:.100})") from error
