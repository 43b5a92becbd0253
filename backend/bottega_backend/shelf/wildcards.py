"""Wildcard files: lists of words that a prompt takes one line of, in a folder of the server's."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bottega_protocol.errors import Refusal

ENDING = ".txt"
MOST_BYTES = 2**20
"""Of one file."""

MOST_LISTED = 30
"""Names told where one is not found."""

MOST_WALKED = 2000
"""Files looked at for that list."""


@dataclass(frozen=True)
class Wildcards:
    """The `*.txt` files in a folder and the folders in it, read anew each time; none without one.

    A name is a path without its ending: letters, digits, `_`, `-` and `/`. What leads out of the
    folder, a link included, is not there.
    """

    folder: Path | None = None

    def lines(self, name: str) -> tuple[str, ...]:
        """What there is to choose from; raises Refusal for a wildcard that is not there or empty.

        Empty lines and those that begin with # are left out.
        """
        path = self._find(name)
        if path is None:
            why = f"There is no wildcard __{name:.80}__."
            raise Refusal("unknown-wildcard", why, self._remedy())
        try:
            with path.open("rb") as file:
                text = file.read(MOST_BYTES).decode("utf-8-sig", errors="replace")
        except OSError as error:
            why = f"The wildcard __{name}__ can't be read ({error.strerror})."
            raise Refusal("unknown-wildcard", why, self._remedy()) from error
        lines = [line.strip() for line in text.replace("\0", "").splitlines()]
        kept = tuple(line for line in lines if line and not line.startswith("#"))
        if not kept:
            why = f"The wildcard __{name}__ has no lines."
            raise Refusal("unknown-wildcard", why, self._remedy())
        return kept

    def names(self) -> tuple[str, ...]:
        """The wildcards that there are, in order; of very many only some."""
        if self.folder is None or not self.folder.is_dir():
            return ()
        found = islice(self.folder.rglob(f"*{ENDING}"), MOST_WALKED)
        names = (path.relative_to(self.folder).with_suffix("").as_posix() for path in found)
        return tuple(sorted(name for name in names if self._find(name)))

    def _find(self, name: str) -> Path | None:
        if self.folder is None or not all(_plain(part) for part in name.split("/")):
            return None
        try:
            path = (self.folder / f"{name}{ENDING}").resolve()
            inside = path.is_relative_to(self.folder.resolve())
            return path if inside and path.is_file() else None
        except (OSError, RuntimeError):  # a name too long for the disk; links in a circle
            return None

    def _remedy(self) -> str:
        names = self.names()
        more = ", …" if len(names) > MOST_LISTED else ""
        listed = ", ".join(f"__{name}__" for name in names[:MOST_LISTED]) or "none"
        return f"Those that the server has: {listed}{more}. For the characters themselves: \\_\\_"


def _plain(part: str) -> bool:
    return part.isascii() and part.replace("_", "").replace("-", "").isalnum()
