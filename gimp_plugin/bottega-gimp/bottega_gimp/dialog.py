"""The dialog of "Fill selection…": prompt first, the rarely touched folded away."""

from __future__ import annotations

from bottega_client.actions import Wish
from bottega_client.editor import ACTIVE, VISIBLE
from bottega_protocol.errors import BottegaError
from bottega_protocol.messages import Offers

from .gtk import Gdk, GimpUi, Gtk
from .offers import OfferSeeker
from .ui_thread import UiThread
from .widgets import (
    Form,
    beside,
    choice,
    fill_choice,
    label,
    named,
    number,
    text_box,
    text_of,
    wrapped,
)

MOST_SEED = 2**32 - 1
DEFAULT = ("", "Server's default")
ZERO = "0: server's default"
SOURCES = [(VISIBLE, "The visible picture"), (ACTIVE, "The active layer alone")]


class WishDialog:
    """Asks for a Wish, starting from the last one. Lives on the UI thread."""

    def __init__(self, last: Wish, ui: UiThread) -> None:
        self._last = last
        self._ui = ui
        self._open = True
        self._labels = Gtk.SizeGroup(mode=Gtk.SizeGroupMode.HORIZONTAL)
        self._make_fields(last)
        self._status = wrapped(label("Looking for the server ...", "Server"))
        self._mark = Gtk.Image(no_show_all=True)
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
        self._model = choice("Model", _until_offered(last.model), last.model)
        self._model.connect("changed", lambda _: self._show_note())
        self._notes: dict[str, str] = {}
        self._note = wrapped(label("", "About the model", dim=True))
        self._steps = number("Steps", last.steps, 150, 1, 0)
        self._guidance = number("Guidance", last.guidance, 50.0, 0.5, 1)
        self._default_steps = label(ZERO, "Default steps", dim=True)
        self._default_guidance = label(ZERO, "Default guidance", dim=True)
        self._sampler = choice("Sampler", _until_offered(last.sampler), last.sampler)
        self._source = choice("Source", SOURCES, last.source)

    def _build(self) -> GimpUi.Dialog:
        dialog = GimpUi.Dialog(title="Bottega: Fill selection", role="bottega-fill")
        dialog.add_button("_Cancel", Gtk.ResponseType.CANCEL)
        dialog.add_button("_Fill", Gtk.ResponseType.OK)
        dialog.set_default_response(Gtk.ResponseType.OK)
        GimpUi.window_set_transient(dialog)
        column = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=12, border_width=12)
        for widget in (self._main_form(), self._folded(), self._status_line()):
            column.pack_start(widget, False, False, 0)
        dialog.get_content_area().pack_start(column, True, True, 0)
        dialog.set_default_size(460, -1)
        dialog.connect("key-press-event", _fill_at_once)
        column.show_all()
        self._show_note()
        self._prompt_box.get_child().grab_focus()
        return dialog

    def _main_form(self) -> Gtk.Widget:
        form = Form(self._labels)
        form.row("_Prompt", self._prompt_box, self._prompt_box.get_child())
        form.row("_Negative prompt", self._negative_box, self._negative_box.get_child())
        form.row("_Strength", self._strength_row())
        form.row("S_eed", beside(self._seed, self._random), self._seed)
        form.row("_Model", self._model)
        form.row("", self._note)
        return form.grid

    def _strength_row(self) -> Gtk.Widget:
        """A slider and the same number to type."""
        adjustment = self._strength.get_adjustment()
        slider = named(Gtk.Scale(adjustment=adjustment, draw_value=False), "Strength slider")
        row = beside(slider, self._strength)
        row.set_tooltip_text("0 keeps what is there, 1 paints anew")
        return row

    def _folded(self) -> Gtk.Widget:
        form = Form(self._labels)
        form.row("S_teps", beside(self._steps, self._default_steps), self._steps)
        form.row("_Guidance", beside(self._guidance, self._default_guidance), self._guidance)
        form.row("Sa_mpler", self._sampler)
        form.row("S_ource", self._source)
        form.grid.set_margin_top(8)
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
            self._mark.show()
            self._status.set_text(f"{told.message}\n{told.remedy}".strip())
            return
        self._mark.hide()
        self._status.set_text(f"Connected to {url}")
        self._show_models(told)

    def _show_models(self, offers: Offers) -> None:
        fill = next((each for each in offers.capabilities if each.name == "fill"), None)
        able = [each for each in offers.models if "fill" in each.capabilities]
        names = {each.id: each.name for each in able}
        self._notes = {each.id: each.note for each in able}
        default = DEFAULT
        if fill is not None:
            self._default_steps.set_text(f"{ZERO} ({fill.steps})")
            self._default_guidance.set_text(f"{ZERO} ({fill.guidance:g})")
            default = ("", f"Server's default: {names.get(fill.model, fill.model)}")
            self._notes[""] = self._notes.get(fill.model, "")
        fill_choice(self._model, [default, *names.items()], self._last.model)
        samplers = [(each, each) for each in offers.samplers]
        fill_choice(self._sampler, [DEFAULT, *samplers], self._last.sampler)

    def _show_note(self) -> None:
        """What the chosen model can and can't; no empty line where nothing is known."""
        note = self._notes.get(self._model.get_active_id() or "", "")
        self._note.set_text(note)
        self._note.set_visible(bool(note))

    def _wish(self) -> Wish:
        # Numbers that are still being typed count.
        for spin in (self._strength, self._seed, self._steps, self._guidance):
            spin.update()
        return Wish(
            prompt=text_of(self._prompt),
            negative=text_of(self._negative),
            model=self._model.get_active_id() or "",
            sampler=self._sampler.get_active_id() or "",
            seed=None if self._random.get_active() else int(self._seed.get_value()),
            steps=self._steps.get_value_as_int(),
            guidance=self._guidance.get_value(),
            strength=self._strength.get_value(),
            source=self._source.get_active_id() or VISIBLE,
        )


def _until_offered(last: str) -> list[tuple[str, str]]:
    """What can be chosen before a server has told its offers: what was chosen last time."""
    return [DEFAULT, *([(last, last)] if last else [])]


def _fill_at_once(dialog: Gtk.Dialog, event: Gdk.EventKey) -> bool:
    """Ctrl+Enter: in the prompt, Enter alone begins a new line."""
    enter = event.keyval in (Gdk.KEY_Return, Gdk.KEY_KP_Enter)
    if not (enter and event.state & Gdk.ModifierType.CONTROL_MASK):
        return False
    dialog.response(Gtk.ResponseType.OK)
    return True
