"""The headless middle of both panels: connection, jobs in flight, results, what a document keeps.

No call here blocks: what takes time is done on threads of the Easel's own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .editor import Editor
from .entries import Entry, Event
from .wishes import Wish


class Easel:
    """One panel's work. `tell` is called on the Easel's thread, one event after the other."""

    def __init__(self, program: str, tell: Callable[[Event], None]) -> None:
        self._program = program
        self._tell = tell
        self.closed = False

    def start(self) -> None:
        """Look for a server from now on; once is enough."""
        raise NotImplementedError

    def close(self) -> None:
        """Tell nothing any more and hang up; jobs that were accepted go on at the server."""
        raise NotImplementedError

    def connect_to(self, url: str, token: str) -> None:
        """Use the server with this address; with an empty one, that of this machine again."""
        raise NotImplementedError

    def order(self, editor: Editor, capability: str, wish: Wish) -> bytes:
        """Start a job and give its id at once; several may run, also on one document.

        A single variation is placed when it arrives; of several the artist picks (`place`).
        """
        raise NotImplementedError

    def stop(self, job: bytes) -> None:
        """Stop a job that is in flight."""
        raise NotImplementedError

    def stop_all(self, document: str = "") -> None:
        """Stop every job in flight, or those of one document."""
        raise NotImplementedError

    def place(self, job: bytes, variations: Sequence[int], editor: Editor | None = None) -> None:
        """Put picked variations into the job's document, or into another; once more if asked."""
        raise NotImplementedError

    def zoom(self, job: bytes, variation: int, side: int) -> None:
        """Have a larger picture of a variation told as Zoomed."""
        raise NotImplementedError

    def discard(self, job: bytes) -> None:
        """Out of the list, stopped if it is in flight; what is finished the server keeps."""
        raise NotImplementedError

    def recent(self, search: str = "", document: str = "", skip: int = 0) -> None:
        """Have a page of the kept jobs told as Recent."""
        raise NotImplementedError

    def bring(self, job: bytes, editor: Editor) -> None:
        """Make a kept job an entry again, to be placed into this document."""
        raise NotImplementedError

    def resume(self, editor: Editor) -> None:
        """Bring this document's results that were never placed; a single variation is placed."""
        raise NotImplementedError

    def quote(self, editor: Editor, capability: str, wish: Wish) -> None:
        """Have told as Quoted what would be painted; only the newest question is answered."""
        raise NotImplementedError

    def entries(self) -> tuple[Entry, ...]:
        """Every job in the list, the newest last."""
        raise NotImplementedError

    def diagnostics(self) -> str:
        """Versions, the server's address, state, last errors, last lines of the log; no token."""
        raise NotImplementedError
