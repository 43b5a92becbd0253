"""The dialog of "Fill Selection...": prompt first, the rarely touched folded away."""

from __future__ import annotations

from bottega_client.actions import Wish
from bottega_client.editor import ACTIVE, VISIBLE
from bottega_protocol.errors import BottegaError
from bottega_protocol.messages import Offers

from .gtk import GimpUi, Gtk
from .offers import OfferSeeker
from .ui_thread import UiThread
from .widgets import Form, choice, fill_choice, label, named, number, text_box, text_of

MOST_SEED = 2**32 - 1
DEFAULT = ("", "Server's default")
SOURCES = [(VISIBLE, "The visible picture"), (ACTIVE, "The active layer alone")]


class WishDialog:
    """Asks for a Wish, starting from the last one. Lives on the UI thread."""

    def __init__(self, last: Wish, ui: UiThread) -> None:
        self._last = last
        self._ui = ui
        self._open = True
        self._make_fields(last)
        self._status = label("Looking for the server ...", "Server", dim=True)
        self._status.set_line_wrap(True)
        self._status.set_max_width_chars(52)
        self._mark = Gtk.Image()
        self._dialog = self._build()

    def ask(self) -> Wish | None:
        """Wait for the artist; None means Cancel."""
        seeker = OfferSeeker("GIMP", lambda *told: self._ui.post(lambda: self._show(*told)))
        try:
            said = self._dialog.run()
            return self._wish() if said == Gtk.ResponseType.OK else None
        finally:
            seeker.end()
            self._open = False
            self._dialog.destroy()

    def _make_fields(self, last: Wish) -> None:
        self._prompt_box, self._prompt = text_box(last.prompt, "Prompt", 4)
        self._negative_box, self._negative = text_box(last.negative, "Negative prompt", 2)
        self._strength = number("Strength", last.strength, 1.0, 0.05, 2)
        self._random = named(Gtk.CheckButton.new_with_mnemonic("_Random"), "Random seed")
        self._random.set_active(last.seed is None)
        self._seed = number("Seed", last.seed or 0, MOST_SEED, 1, 0)
        self._seed.set_sensitive(last.seed is not None)
        self._random.connect(
            "toggled", lambda button: self._seed.set_sensitive(not button.get_active())
        )
        self._model = choice("Model", [DEFAULT], "")
        self._steps = number("Steps", last.steps, 150, 1, 0)
        self._guidance = number("Guidance", last.guidance, 50.0, 0.5, 1)
        self._sampler = choice("Sampler", [DEFAULT], "")
        self._source = choice("Source", SOURCES, last.source)

    def _build(self) -> GimpUi.Dialog:
        dialog = GimpUi.Dialog(title="Bottega - Fill Selection", role="bottega-fill")
        dialog.add_button("_Cancel", Gtk.ResponseType.CANCEL)
        dialog.add_button("_Fill", Gtk.ResponseType.OK)
        dialog.set_default_response(Gtk.ResponseType.OK)
        GimpUi.window_set_transient(dialog)
        column = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=12, border_width=12)
        for widget in (self._main_form(), self._folded(), self._status_line()):
            column.pack_start(widget, False, False, 0)
        dialog.get_content_area().pack_start(column, True, True, 0)
        dialog.set_default_size(460, -1)
        column.show_all()
        return dialog

    def _main_form(self) -> Gtk.Widget:
        seed = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=8)
        seed.pack_start(self._seed, True, True, 0)
        seed.pack_start(self._random, False, False, 0)
        form = Form()
        form.row("_Prompt", self._prompt_box, self._prompt_box.get_child())
        form.row("_Negative prompt", self._negative_box, self._negative_box.get_child())
        form.row("_Strength", self._strength_row())
        form.row("S_eed", seed, self._seed)
        form.row("_Model", self._model)
        return form.grid

    def _strength_row(self) -> Gtk.Widget:
        """A slider and the same number to type."""
        adjustment = self._strength.get_adjustment()
        slider = Gtk.Scale(adjustment=adjustment, draw_value=False)
        named(slider, "Strength slider")
        row = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=8)
        row.pack_start(slider, True, True, 0)
        row.pack_start(self._strength, False, False, 0)
        row.set_tooltip_text("0 keeps what is there, 1 paints anew")
        return row

    def _folded(self) -> Gtk.Widget:
        for spin in (self._steps, self._guidance):
            spin.set_tooltip_text("0: the server's default")
        form = Form()
        form.row("S_teps", self._steps)
        form.row("_Guidance", self._guidance)
        form.row("Sa_mpler", self._sampler)
        form.row("S_ource", self._source)
        form.grid.set_margin_top(8)
        form.grid.set_margin_start(12)
        expander = named(Gtk.Expander(label="_More", use_underline=True), "More")
        expander.add(form.grid)
        expander.set_resize_toplevel(True)
        return expander

    def _status_line(self) -> Gtk.Widget:
        line = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=8)
        line.pack_start(self._mark, False, False, 0)
        line.pack_start(self._status, True, True, 0)
        return line

    def _show(self, told: Offers | BottegaError, url: str) -> None:
        """What the server offers, or why it can't be reached; the dialog may be gone by now."""
        if not self._open:
            return
        if isinstance(told, BottegaError):
            self._mark.set_from_icon_name("dialog-warning", Gtk.IconSize.MENU)
            self._status.set_text(f"{told.message}\n{told.remedy}".strip())
            return
        self._mark.set_from_icon_name("emblem-default", Gtk.IconSize.MENU)
        self._status.set_text(f"Connected to {url}")
        able = [model for model in told.models if "fill" in model.capabilities]
        models = [(model.id, model.name) for model in able]
        fill_choice(self._model, [_default_model(told), *models], self._last.model)
        samplers = [(sampler, sampler) for sampler in told.samplers]
        fill_choice(self._sampler, [DEFAULT, *samplers], self._last.sampler)

    def _wish(self) -> Wish:
        # Numbers that are still being typed count.
        for spin in (self._strength, self._seed, self._steps, self._guidance):
            spin.update()
        return Wish(
            prompt=text_of(self._prompt),
            negative=text_of(self._negative),
            model=self._model.get_active_id() or "",
            sampler=self._sampler.get_active_id() or "",
            seed=None if self._random.get_active() else self._seed.get_value_as_int(),
            steps=self._steps.get_value_as_int(),
            guidance=self._guidance.get_value(),
            strength=self._strength.get_value(),
            source=self._source.get_active_id() or VISIBLE,
        )


def _default_model(offers: Offers) -> tuple[str, str]:
    """What the server would take by itself, by its name."""
    default = next((each.model for each in offers.capabilities if each.name == "fill"), "")
    names = {model.id: model.name for model in offers.models}
    return ("", f"Server's default: {names[default]}") if default in names else DEFAULT
