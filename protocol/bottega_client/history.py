"""What a document remembers of its results: JSON text that the editor keeps inside the file."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bottega_protocol.errors import BadMessage
from bottega_protocol.messages import JOB
from bottega_protocol.requests import (
    INTENTS,
    MODEL,
    MOST_CLIP_SKIP,
    MOST_COUNT,
    MOST_EDGE,
    MOST_PROMPT,
    QUALITIES,
    SAMPLER,
)
from bottega_protocol.schema import Choice, Maybe, Raw, Real, Record, Several, Text, Whole, columns
from bottega_protocol.schema import wire as field

from .thumbnails import Thumbnail
from .wishes import Wish

MOST_PASTS = 50
"""Results that a document remembers, the newest."""

MOST_TEXT = 256 * 1024
"""Bytes of the whole text: thumbnails go first, then results, the oldest first."""

SIDE = 48
"""Pixels of a remembered thumbnail's longest side."""

COARSE = bytes(value & 0xF8 for value in range(256))
"""Five bits a channel: a thumbnail packs into two thirds."""

BY_SERVER = ("sampler", "steps", "guidance")
"""What a wish may leave open; a past says which it did."""


@dataclass(frozen=True)
class Past(Record):
    """One result as it was painted. `time` in seconds since 1970, `picture` packed RGB.

    `left` names what the artist left to the backend: when used again it is left so again.
    """

    job: bytes = field(JOB)
    variation: int = field(Whole(0, MOST_COUNT - 1))
    capability: str = field(Text(40))
    time: float = field(Real(0, 1e12))
    seed: int = field(Whole(0, 2**32 - 1))
    prompt: str = field(Text(MOST_PROMPT), default="")
    negative: str = field(Text(MOST_PROMPT), default="")
    model: str = field(MODEL, default="")
    model_name: str = field(Text(200), default="")
    sampler: str = field(SAMPLER, default="")
    steps: int = field(Whole(0, 1000), default=0)
    guidance: float = field(Real(0, 50), default=0.0)
    strength: float = field(Real(0, 1), default=1.0)
    clip_skip: int = field(Whole(0, MOST_CLIP_SKIP), default=0)
    quality: str = field(Choice(QUALITIES), default="good")
    intent: str = field(Choice(INTENTS), default="fill")
    feather: int | None = field(Maybe(Whole(0, MOST_EDGE)), default=None)
    grow: int = field(Whole(0, MOST_EDGE), default=0)
    left: tuple[str, ...] = field(Several(Choice(BY_SERVER), 8), default=())
    width: int = field(Whole(0, SIDE), default=0)
    height: int = field(Whole(0, SIDE), default=0)
    picture: bytes = field(Raw(0, 4 * SIDE**2), default=b"")

    def wish(self) -> Wish:
        """What has to be asked for to get this again."""
        given = {name: getattr(self, name) for name in BY_SERVER if name not in self.left}
        return Wish(
            prompt=self.prompt,
            negative=self.negative,
            model=self.model,
            seed=self.seed,
            strength=self.strength,
            clip_skip=self.clip_skip,
            quality=self.quality,
            intent=self.intent,
            feather=self.feather,
            grow=self.grow,
            **given,
        )

    def thumbnail(self) -> Thumbnail | None:
        """The picture, if it is still there and sound."""
        size = 3 * self.width * self.height
        try:
            rgb = zlib.decompressobj().decompress(self.picture, size) if size else b""
        except zlib.error:
            return None
        return Thumbnail(self.width, self.height, rgb) if rgb and len(rgb) == size else None


def pack(thumbnail: Thumbnail) -> dict[str, Any]:
    """A thumbnail of at most SIDE pixels as a past's fields."""
    packed = zlib.compress(thumbnail.rgb.translate(COARSE), 9)
    return {"width": thumbnail.width, "height": thumbnail.height, "picture": packed}


def read(text: str) -> tuple[Past, ...]:
    """What a document's text tells, the newest first; foreign text and entries are passed over."""
    try:
        entries = json.loads(text)["results"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ()
    pasts = (_from_json(entry) for entry in entries) if isinstance(entries, list) else ()
    return tuple(past for past in pasts if past is not None)[:MOST_PASTS]


def remember(text: str, new: Iterable[Past]) -> str:
    """The text with more results in front; the same result is remembered once, and as new."""
    new = tuple(new)
    known = {(past.job, past.variation) for past in new}
    old = (past for past in read(text) if (past.job, past.variation) not in known)
    return _fitting([_to_json(past) for past in (*new, *old)][:MOST_PASTS])


def _fitting(entries: list[dict[str, Any]]) -> str:
    pieces = [_dump(entry) for entry in entries]
    size = sum(len(piece.encode()) + 1 for piece in pieces)
    room = MOST_TEXT - len(_whole([]))
    for index in reversed(range(len(entries))):
        if size <= room:
            break
        bare = _dump({**entries[index], "width": 0, "height": 0, "picture": ""})
        size += len(bare.encode()) - len(pieces[index].encode())
        pieces[index] = bare
    while size > room and len(pieces) > 1:
        size -= len(pieces.pop().encode()) + 1
    return _whole(pieces)


def _whole(pieces: list[str]) -> str:
    # One line a result: a person who looks into the file can read it.
    return '{"bottega":1,"results":[\n' + ",\n".join(pieces) + "\n]}"


def _dump(entry: dict[str, Any]) -> str:
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":"))


def _to_json(past: Past) -> dict[str, Any]:
    packed = past.to_wire(1)
    return {
        **packed,
        "job": past.job.hex(),
        "picture": base64.b64encode(past.picture).decode("ascii"),
    }


def _from_json(entry: Any) -> Past | None:
    """A past of a document; None where it is not one. Fields of a newer release are left aside."""
    names = {column.name for column in columns(Past)}
    try:
        known = {name: value for name, value in entry.items() if name in names}
        known["job"] = bytes.fromhex(known["job"])
        known["picture"] = base64.b64decode(known.get("picture", ""))
        return Past.from_wire(known, 1)
    except (BadMessage, AttributeError, KeyError, ValueError, TypeError):
        return None
