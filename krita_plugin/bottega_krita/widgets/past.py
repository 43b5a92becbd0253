"""What the document in front remembers: every result that was placed in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from bottega_client.choose import CAPABILITIES, label_of
from bottega_client.words import past_note

from .shelf import Row, Shelf

if TYPE_CHECKING:
    from bottega_client.history import Past

DEEDS = (("reuse", "Use settings"), ("bring", "Bring here"))


class HistoryPage(Shelf):
    """`acted` brings a Past."""

    def __init__(self) -> None:
        super().__init__("history", "History of the picture", "Nothing was placed yet.", DEEDS)

    def show_pasts(self, pasts: Iterable[Past]) -> None:
        """List these, the newest first."""
        self.show_rows(_row(past) for past in pasts)


def _row(past: Past) -> Row:
    small = past.thumbnail()
    picture = None if small is None else (small.width, small.height, small.rgb)
    title = past.prompt or label_of(CAPABILITIES, past.capability)
    return Row(title, past_note(past), past, picture)
