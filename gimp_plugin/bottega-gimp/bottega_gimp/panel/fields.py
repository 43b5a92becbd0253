"""The fields of a wish, in the window and in the dialogs: prompt first, rarely touched last."""

from __future__ import annotations

from collections.abc import Callable

from bottega_client.choose import QUALITIES, STRENGTH, Choice
from bottega_client.editor import ACTIVE, VISIBLE
from bottega_client.wishes import Wish
from bottega_gimp.gtk import Gdk, Gtk
from bottega_gimp.widgets import Form, TextBox, choice, fill_choice, number
from bottega_protocol.messages import Offers
from bottega_protocol.requests import MOST_COUNT

from .details import Details
from .seed import SeedRow
from .strength import StrengthRow
from .target import TargetRow

BY_SERVER = ("", "The server's choice")
SOURCES = (
    Choice(VISIBLE, "Visible picture", "The model sees all visible layers"),
    Choice(ACTIVE, "Active layer", "The model sees the active layer alone"),
)


class WishFields:
    """Widgets to be laid out by who uses them: `top`, then what begins, then `rest`.

    `begun` is called for Ctrl+Enter in a prompt, `changed` when the strength changes. Of a
    capability that is `settled` from words alone, what does not touch it is left out.
    """

    def __init__(
        self, begun: Callable[[], object], changed: Callable[[], object], settled: str = ""
    ) -> None:
        self.labels = Gtk.SizeGroup(mode=Gtk.SizeGroupMode.HORIZONTAL)
        self._offers: Offers | None = None
        self._capability = settled
        self._prompt = TextBox("Prompt", "What should be there?", 4)
        self._negative = TextBox("Negative prompt", "What should not?", 2)
        for box in (self._prompt, self._negative):
            box.view.connect("key-press-event", _on_key, begun)
        self.strength = StrengthRow(changed)
        self.quality = choice("Quality", [(word.name, word.label) for word in QUALITIES], "good")
        self.count = number("Variations", 1, (1, MOST_COUNT), 1, 0)
        self.model = choice("Model", [BY_SERVER], "")
        self.source = choice("Source", [(word.name, word.label) for word in SOURCES], VISIBLE)
        self.seed = SeedRow()
        self.target = TargetRow(changed)
        self.details = Details(self.labels)
        self.top, self.rest = self._lay_out()
        self.model.connect("changed", lambda _: self._show_note())

    def focus(self) -> None:
        """The keyboard goes to the prompt."""
        self._prompt.view.grab_focus()

    def wish(self) -> Wish:
        """What the fields ask for; numbers that are still being typed count."""
        for spin in (self.strength.spin, self.count, self.seed.spin):
            spin.update()
        width, height = self.target.new_size()
        wish = Wish(
            prompt=self._prompt.text,
            negative=self._negative.text,
            model=self.model.get_active_id() or "",
            seed=self.seed.seed(),
            strength=self.strength.strength(),
            source=self.source.get_active_id() or VISIBLE,
            quality=self.quality.get_active_id() or "good",
            count=self.count.get_value_as_int(),
            width=width,
            height=height,
        )
        return self.details.added_to(wish)

    def show_wish(self, wish: Wish, capability: str = "fill") -> None:
        """Take a wish back into the fields; a seed it has is kept."""
        self._prompt.show_text(wish.prompt)
        self._negative.show_text(wish.negative)
        fill_choice(self.model, self._models(wish.model), wish.model)
        strength = STRENGTH[capability] if wish.strength is None else wish.strength
        self.strength.set_strength(strength)
        self.source.set_active_id(wish.source)
        self.quality.set_active_id(wish.quality)
        self.count.set_value(wish.count)
        self.target.show_size(wish.width, wish.height)
        self.details.show_wish(wish)
        if wish.seed is None:
            self.seed.release()
        else:
            self.seed.keep(wish.seed)

    def show_offers(self, offers: Offers) -> None:
        """What the server can do; what was chosen before stays chosen."""
        self._offers = offers
        self.details.offer_samplers(offers.samplers)
        self._offer_models()

    def show_capability(self, capability: str) -> None:
        """List the models that can do this."""
        if capability != self._capability:
            self._capability = capability
            self._offer_models()

    def _offer_models(self) -> None:
        chosen = self.model.get_active_id() or ""
        fill_choice(self.model, self._models(chosen), chosen)
        self._show_note()

    def _models(self, chosen: str) -> list[tuple[str, str]]:
        """What can be chosen; before a server has told its offers that is what was chosen."""
        if self._offers is None:
            return [BY_SERVER, *([(chosen, chosen)] if chosen else [])]
        able = (each for each in self._offers.models if self._capability in each.capabilities)
        return [BY_SERVER, *((each.id, each.name) for each in able)]

    def _show_note(self) -> None:
        """What the chosen model can and can't, where it can be read without taking room."""
        models = self._offers.models if self._offers else ()
        chosen = self.model.get_active_id()
        note = next((each.note for each in models if each.id == chosen), "")
        self.model.set_tooltip_text(note or None)

    def _lay_out(self) -> tuple[Gtk.Box, Gtk.Box]:
        top = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        strength = Form(self.labels)
        seen = self._capability != "generate"
        if seen:
            strength.row("_Strength", self.strength, self.strength.spin)
        for widget in (self._prompt.widget, self._negative.widget, strength.grid):
            top.pack_start(widget, False, False, 0)
        form = Form(self.labels)
        form.row("_Quality", self.quality)
        form.row("_Variations", self.count, tip="Paint so many, to choose from")
        form.row("_Model", self.model)
        if seen:
            form.row("S_ource", self.source, tip="What the model sees around the selection")
        form.row("S_eed", self.seed, self.seed.spin)
        if self._capability in ("", "generate"):
            form.row("_Into", self.target, self.target.choice)
        rest = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6)
        for widget in (form.grid, self.details.widget):
            rest.pack_start(widget, False, False, 0)
        return top, rest


def _on_key(_: Gtk.Widget, event: Gdk.EventKey, begun: Callable[[], object]) -> bool:
    """Ctrl+Enter begins: Enter alone begins a new line."""
    enter = event.keyval in (Gdk.KEY_Return, Gdk.KEY_KP_Enter)
    if not (enter and event.state & Gdk.ModifierType.CONTROL_MASK):
        return False
    begun()
    return True
