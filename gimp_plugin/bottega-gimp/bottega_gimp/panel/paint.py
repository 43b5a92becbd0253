"""The page that is used all the time: what to paint, how far, and the job at hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bottega_client.choose import capability_for
from bottega_client.entries import Entry
from bottega_client.wishes import Wish
from bottega_client.words import plan_text
from bottega_gimp.gtk import Gtk
from bottega_gimp.widgets import label, wrapped
from bottega_protocol.messages import Offers
from bottega_protocol.offers import Plan

from .begin import Begin
from .card import Card, Deeds
from .fields import WishFields


class PaintPage(Gtk.Box):  # type: ignore[misc]  # gi has no types
    """Fields, the button that begins, and a card for the newest job."""

    def __init__(self, begun: Callable[[], object], deeds: Deeds) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=6, border_width=8)
        self._selected = False
        self.fields = WishFields(begun, self._show_deed)
        self.begin = Begin(begun)
        self.card = Card(deeds)
        self._plan = wrapped(label("", "Plan", dim=True))
        self._plan.set_no_show_all(True)
        for part in (self.fields.top, self.begin, self._plan, self.card, self.fields.rest):
            self.pack_start(part, False, False, 0)
        self._show_deed()

    @property
    def capability(self) -> str:
        """What the button does now."""
        return capability_for(
            self._selected, self.fields.strength.strength(), self.fields.target.target()
        )

    def wish(self) -> Wish:
        """What the fields ask for."""
        return replace(self.fields.wish(), intent=self.begin.intent)

    def show_wish(self, wish: Wish, capability: str) -> None:
        """Take a wish back into the fields, to be used again."""
        self.fields.show_wish(wish, capability)
        self.begin.choose(wish.intent)

    def show_offers(self, offers: Offers) -> None:
        """What the server can do."""
        self.fields.show_offers(offers)

    def show_context(self, *, selected: bool) -> None:
        """What a click would do depends on whether anything is selected."""
        if selected != self._selected:
            self._selected = selected
            self._show_deed()

    def show_used(self, seed: int) -> None:
        """The seed that was painted with."""
        self.fields.seed.show_used(seed)

    def show_plan(self, plan: Plan | None, trouble: str = "") -> None:
        """What would be painted, or why it can't be."""
        text = trouble if plan is None else plan_text(plan)
        self._plan.set_text(text)
        self._plan.set_visible(bool(text))

    def show_entry(self, entry: Entry | None) -> None:
        """The job at hand; what the plan says already is not said twice."""
        self.card.show_entry(entry, self._plan.get_text())

    def _show_deed(self) -> None:
        self.begin.show_deed(self.capability)
        self.fields.show_capability(self.capability)
