"""What the chosen image remembers: every result that was placed in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from bottega_client.choose import CAPABILITIES, label_of
from bottega_client.history import Past
from bottega_client.words import past_note

from .shelf import Deed, Row, Shelf


class HistoryPage(Shelf):
    """`bring` and `reuse` are called with the Past that is chosen."""

    def __init__(self, bring: Callable[[Any], object], reuse: Callable[[Any], object]) -> None:
        deeds = (Deed("Bring here", bring), Deed("Use settings", reuse))
        super().__init__("History of the picture", "Nothing yet.", deeds)

    def show_pasts(self, pasts: Iterable[Past]) -> None:
        """List these, the newest first."""
        self.show_rows(_row(past) for past in pasts)


def _row(past: Past) -> Row:
    title = past.prompt or label_of(CAPABILITIES, past.capability)
    return Row(title, past_note(past), past, past.thumbnail())
