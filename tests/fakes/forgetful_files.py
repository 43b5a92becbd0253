"""SQLite on files that forget: every write and sync of a database is seen, and can be cut off.

`Recorder` is an apsw VFS over the real one; `connect` gives what a Journal takes for a connection.
"""

from dataclasses import dataclass, field
from pathlib import Path

import apsw

SECTOR = 512
"""Bytes that a disk writes whole or not at all."""


@dataclass
class Forgetful:
    """A file: its bytes, those that are safe, and what was written since the last sync."""

    now: bytearray = field(default_factory=bytearray)
    safe: bytes = b""
    loose: list = field(default_factory=list)

    def write(self, data, offset):
        _lay(self.now, data, offset)
        self.loose.append((bytes(data), offset))

    def truncate(self, size):
        del self.now[size:]
        self.loose.append((None, size))

    def sync(self):
        self.safe, self.loose = bytes(self.now), []

    def content(self, how, dice):
        """What a power cut leaves: what is safe, or any sectors of what is not as well."""
        if how == "all":
            return bytes(self.now)
        content = bytearray(self.safe)
        for data, offset in self.loose if how == "dice" else ():
            if data is None:
                del content[offset if dice.random() < 0.5 else len(content) :]
                continue
            for start in range(0, len(data), SECTOR):
                if dice.random() < 0.5:
                    _lay(content, data[start : start + SECTOR], offset + start)
        return bytes(content)


def _lay(content, data, offset):
    content.extend(bytes(max(0, offset + len(data) - len(content))))
    content[offset : offset + len(data)] = data


class Recorder(apsw.VFS):
    """`before(verb)` is called before each write, sync, truncation and removal."""

    def __init__(self, name="forgetful"):
        super().__init__(name, "")
        self.vfs = name
        self.files = {}
        self.before = lambda _: None
        self.forgets_syncs = False

    def xOpen(self, name, flags):  # noqa: N802  # SQLite's name
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        return _File(self, path, flags)

    def xDelete(self, name, sync):  # noqa: N802
        self.before("remove")
        self.files.pop(Path(name).name, None)
        super().xDelete(name, sync)

    def connect(self, file):
        """What a Journal takes for sqlite3's connection."""
        return Connection(apsw.Connection(str(file), vfs=self.vfs))

    def survivors(self, folder, how, dice, files=None):
        """Write into a folder what a power cut would leave now, or would have left of `files`."""
        folder.mkdir()
        for name, file in (self.files if files is None else files).items():
            (folder / name).write_bytes(file.content(how, dice))


class _File(apsw.VFSFile):
    def __init__(self, recorder, name, flags):
        super().__init__("", name, flags)
        self._recorder = recorder
        self._file = recorder.files.setdefault(Path(str(name)).name, Forgetful())

    def xWrite(self, data, offset):  # noqa: N802
        self._recorder.before("write")
        self._file.write(data, offset)
        super().xWrite(data, offset)

    def xTruncate(self, size):  # noqa: N802
        self._recorder.before("truncate")
        self._file.truncate(size)
        super().xTruncate(size)

    def xSync(self, flags):  # noqa: ARG002, N802  # SQLite's own
        self._recorder.before("sync")
        if not self._recorder.forgets_syncs:
            self._file.sync()


class Connection:
    """The part of sqlite3's connection that a Journal uses, on apsw's."""

    def __init__(self, base):
        self._base = base

    @property
    def in_transaction(self):
        return self._base.in_transaction

    def execute(self, statement, values=()):
        return Cursor(self._base, self._base.execute(statement, values))

    def executemany(self, statement, rows):
        self._base.executemany(statement, rows)

    def executescript(self, script):
        self._base.execute(script)

    def close(self):
        self._base.close()


class Cursor:
    """Rows, and how many were changed."""

    def __init__(self, base, rows):
        self._rows = rows
        self.rowcount = base.changes()
        self.fetchone = rows.fetchone

    def __iter__(self):
        return iter(self._rows)
