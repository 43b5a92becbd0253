"""Field kinds: how one value of a record is checked, packed and unpacked."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from .errors import BadMessage

R = TypeVar("R", bound="Record")


class Kind(Protocol):
    """What a field may hold. `unpack` turns wire values into ours; `check` judges ours."""

    def check(self, value: Any, path: str) -> None: ...
    def pack(self, value: Any, version: int) -> Any: ...
    def unpack(self, value: Any, path: str, version: int) -> Any: ...


class _Plain:
    """A kind whose wire form is the value itself."""

    def pack(self, value: Any, version: int) -> Any:  # noqa: ARG002  # the Kind interface
        return value

    def unpack(self, value: Any, path: str, version: int) -> Any:  # noqa: ARG002
        return value


@dataclass(frozen=True)
class Whole(_Plain):
    """An integer in [least, most]."""

    least: int
    most: int

    def check(self, value: Any, path: str) -> None:
        if type(value) is not int:
            raise BadMessage(path, "must be a whole number")
        if not self.least <= value <= self.most:
            raise BadMessage(path, f"must lie between {self.least} and {self.most}, is {value}")


@dataclass(frozen=True)
class Real(_Plain):
    """A finite float in [least, most]; integers are taken as floats."""

    least: float
    most: float

    def check(self, value: Any, path: str) -> None:
        if type(value) not in (int, float):
            raise BadMessage(path, "must be a number")
        if not math.isfinite(value):
            raise BadMessage(path, "must be finite")
        if not self.least <= value <= self.most:
            raise BadMessage(path, f"must lie between {self.least} and {self.most}, is {value}")


@dataclass(frozen=True)
class Flag(_Plain):
    """True or false."""

    def check(self, value: Any, path: str) -> None:
        if type(value) is not bool:
            raise BadMessage(path, "must be true or false")


@dataclass(frozen=True)
class Text(_Plain):
    """A string of at most `most` characters, without NUL and lone surrogates."""

    most: int
    least: int = 0

    def check(self, value: Any, path: str) -> None:
        if type(value) is not str:
            raise BadMessage(path, "must be text")
        if not self.least <= len(value) <= self.most:
            raise BadMessage(path, f"must have {self.least} to {self.most} characters")
        if "\0" in value:
            raise BadMessage(path, "must not contain NUL")
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise BadMessage(path, "must be valid Unicode") from error


@dataclass(frozen=True)
class Choice(_Plain):
    """One of a few words."""

    words: tuple[str, ...]

    def check(self, value: Any, path: str) -> None:
        if type(value) is not str or value not in self.words:
            raise BadMessage(path, f"must be one of {', '.join(self.words)}")


@dataclass(frozen=True)
class Raw(_Plain):
    """Bytes of a length in [least, most]."""

    least: int
    most: int

    def check(self, value: Any, path: str) -> None:
        if type(value) is not bytes:
            raise BadMessage(path, "must be bytes")
        if not self.least <= len(value) <= self.most:
            raise BadMessage(path, f"must have {self.least} to {self.most} bytes")


@dataclass(frozen=True)
class Several:
    """A tuple of at most `most` values of one kind."""

    kind: Kind
    most: int
    least: int = 0

    def check(self, value: Any, path: str) -> None:
        if type(value) is not tuple:
            raise BadMessage(path, "must be a list")
        if not self.least <= len(value) <= self.most:
            raise BadMessage(path, f"must have {self.least} to {self.most} entries")
        for index, entry in enumerate(value):
            self.kind.check(entry, f"{path}[{index}]")

    def pack(self, value: Any, version: int) -> Any:
        return [self.kind.pack(entry, version) for entry in value]

    def unpack(self, value: Any, path: str, version: int) -> Any:
        if type(value) is not list or len(value) > self.most:
            raise BadMessage(path, f"must be a list of at most {self.most}")
        return tuple(
            self.kind.unpack(entry, f"{path}[{index}]", version)
            for index, entry in enumerate(value)
        )


@dataclass(frozen=True)
class Maybe:
    """A value of one kind, or nothing."""

    kind: Kind

    def check(self, value: Any, path: str) -> None:
        if value is not None:
            self.kind.check(value, path)

    def pack(self, value: Any, version: int) -> Any:
        return None if value is None else self.kind.pack(value, version)

    def unpack(self, value: Any, path: str, version: int) -> Any:
        return None if value is None else self.kind.unpack(value, path, version)


@dataclass(frozen=True)
class Nested:
    """A record inside a record. Its own construction has checked it already."""

    record: type[Record]

    def check(self, value: Any, path: str) -> None:
        if type(value) is not self.record:
            raise BadMessage(path, f"must be a {self.record.__name__}")

    def pack(self, value: Any, version: int) -> Any:
        return value.to_wire(version)

    def unpack(self, value: Any, path: str, version: int) -> Any:
        return self.record.from_wire(value, version, path)


@dataclass(frozen=True)
class OneOf:
    """A record of one of several classes; the wire map carries its name under `tag`."""

    tag: str
    records: tuple[tuple[str, type[Record]], ...]

    def check(self, value: Any, path: str) -> None:
        if type(value) not in (record for _, record in self.records):
            raise BadMessage(path, "is of no known kind")

    def pack(self, value: Any, version: int) -> Any:
        name = next(name for name, record in self.records if record is type(value))
        return {self.tag: name, **value.to_wire(version)}

    def unpack(self, value: Any, path: str, version: int) -> Any:
        if type(value) is not dict:
            raise BadMessage(path, "must be a map")
        name = value.get(self.tag)
        record = dict(self.records).get(name) if type(name) is str else None
        if record is None:
            raise BadMessage(f"{path}.{self.tag}", "is of no known kind")
        rest = {key: entry for key, entry in value.items() if key != self.tag}
        return record.from_wire(rest, version, path)


def wire(kind: Kind, *, since: int = 1, default: Any = dataclasses.MISSING) -> Any:
    """Declare a record's field: its kind, the protocol version it came with, its default."""
    return dataclasses.field(default=default, metadata={"kind": kind, "since": since})


@dataclass(frozen=True)
class Column:
    """One field of a record, as the codec needs it."""

    name: str
    kind: Kind
    since: int
    required: bool


_COLUMNS: dict[type[Record], tuple[Column, ...]] = {}


def columns(record: type[Record]) -> tuple[Column, ...]:
    """The fields of a record class, in the order of their declaration."""
    found = _COLUMNS.get(record)
    if found is None:
        found = _COLUMNS[record] = _columns(record)
    return found


def _columns(record: type[Record]) -> tuple[Column, ...]:
    return tuple(
        Column(
            field.name,
            field.metadata["kind"],
            field.metadata["since"],
            field.default is dataclasses.MISSING,
        )
        for field in dataclasses.fields(record)
    )


@dataclass(frozen=True)
class Record:
    """A frozen value that checks itself when it is made; there is no illegal instance.

    Raises BadMessage, which names the field, for a value that its kind does not allow.
    """

    def __post_init__(self) -> None:
        for column in columns(type(self)):
            column.kind.check(getattr(self, column.name), f"{type(self).__name__}.{column.name}")
        self.check()

    def check(self) -> None:
        """Judge the fields together; a subclass raises BadMessage where they do not fit."""

    def to_wire(self, version: int) -> dict[str, Any]:
        """The map for the wire, without the fields that `version` does not know."""
        return {
            column.name: column.kind.pack(getattr(self, column.name), version)
            for column in columns(type(self))
            if column.since <= version
        }

    @classmethod
    def from_wire(cls: type[R], value: Any, version: int, path: str = "") -> R:  # noqa: PYI019  # Self is of 3.11
        """Read a map; a missing field takes its default, a field of no version is refused."""
        path = path or cls.__name__
        if type(value) is not dict:
            raise BadMessage(path, "must be a map")
        known = {column.name: column for column in columns(cls) if column.since <= version}
        for name in value:
            if name not in known:
                raise BadMessage(f"{path}.{name!s:.80}", "is no field of this version")
        missing = [name for name, column in known.items() if column.required and name not in value]
        if missing:
            raise BadMessage(f"{path}.{missing[0]}", "is missing")
        return cls(
            **{
                name: known[name].kind.unpack(entry, f"{path}.{name}", version)
                for name, entry in value.items()
            }
        )
