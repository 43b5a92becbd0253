"""What the document in front remembers: every result that was placed in it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from bottega_client.choose import CAPABILITIES, label_of

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
    when = time.strftime("%d %b %H:%M", time.localtime(past.time))
    deed = label_of(CAPABILITIES, past.capability)
    small = past.thumbnail()
    picture = None if small is None else (small.width, small.height, small.rgb)
    return Row(past.prompt or deed, f"{deed}, {when}, seed {past.seed}", past, picture)
