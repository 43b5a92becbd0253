"""Small GTK pieces that the windows are made of; every one has an accessible name."""

from __future__ import annotations

from typing import TypeVar

from .gtk import Gtk, Pango

W = TypeVar("W", bound=Gtk.Widget)


def named(widget: W, name: str) -> W:
    """Give a widget a name for screen readers (and tests)."""
    widget.get_accessible().set_name(name)
    return widget


def label(text: str, about: str, *, bold: bool = False, dim: bool = False) -> Gtk.Label:
    """A line of text at the left, strong or faint, named by its text and described by `about`."""
    made = Gtk.Label(label=text, xalign=0.0)
    if bold:
        attributes = Pango.AttrList()
        attributes.insert(Pango.attr_weight_new(Pango.Weight.BOLD))
        made.set_attributes(attributes)
    if dim:
        made.get_style_context().add_class("dim-label")
    made.get_accessible().set_description(about)
    return made


def wrapped(line: Gtk.Label) -> Gtk.Label:
    """Let a label take several lines instead of widening its window."""
    line.set_line_wrap(True)
    line.set_max_width_chars(48)
    return line


class TextBox:
    """A framed field for several lines of text, with a faint hint while it is empty."""

    def __init__(self, name: str, hint: str, lines: int) -> None:
        # Tab leaves it: the keyboard alone must do.
        self.view = named(Gtk.TextView(wrap_mode=Gtk.WrapMode.WORD_CHAR, accepts_tab=False), name)
        self.view.set_tooltip_text(hint)
        for side in ("left", "right", "top", "bottom"):
            getattr(self.view, f"set_{side}_margin")(6)
        scrolled = Gtk.ScrolledWindow(shadow_type=Gtk.ShadowType.IN)
        scrolled.set_policy(Gtk.PolicyType.NEVER, Gtk.PolicyType.AUTOMATIC)
        scrolled.set_min_content_height(20 * lines)
        scrolled.add(self.view)
        self._hint = label(hint, "Hint", dim=True)
        self._hint.set_margin_start(8)
        self._hint.set_margin_top(7)
        self._hint.set_valign(Gtk.Align.START)
        self._hint.set_no_show_all(True)
        self.widget = Gtk.Overlay()
        self.widget.add(scrolled)
        self.widget.add_overlay(self._hint)
        self.widget.set_overlay_pass_through(self._hint, True)
        self.view.get_buffer().connect("changed", lambda _: self._show_hint())
        self._show_hint()

    @property
    def text(self) -> str:
        """What was typed, without blanks around it."""
        buffer = self.view.get_buffer()
        typed: str = buffer.get_text(*buffer.get_bounds(), False)
        return typed.strip()

    def show_text(self, text: str) -> None:
        """Have this there instead."""
        if text != self.text:
            self.view.get_buffer().set_text(text)

    def _show_hint(self) -> None:
        self._hint.set_visible(self.view.get_buffer().get_char_count() == 0)


def number(
    name: str,
    value: float,
    span: tuple[float, float],
    step: float,
    digits: int,
    least: str = "",
) -> Gtk.SpinButton:
    """A number within `span`; `least` is what stands there instead of the smallest."""
    low, high = span
    adjustment = Gtk.Adjustment(
        value=value, lower=low, upper=high, step_increment=step, page_increment=10 * step
    )
    # Not `numeric`: words have to stand there too.
    spin = Gtk.SpinButton(adjustment=adjustment, digits=digits, numeric=not least)
    spin.set_activates_default(True)
    # Wide enough for ten digits and never asking for more.
    spin.set_width_chars(6)
    if least:
        # Else leaving the field would read those words as 0.
        spin.set_update_policy(Gtk.SpinButtonUpdatePolicy.IF_VALID)
        spin.connect("output", _say_least, least)
    return named(spin, name)


def narrow(spin: Gtk.SpinButton) -> Gtk.SpinButton:
    """With a narrow + and -, which would take more room than the number."""
    dress(spin, b"button { min-width: 0; padding: 0; border: 0; }")
    return spin


def dress(widget: Gtk.Widget, look: bytes) -> None:
    """A look of its own for a widget and what lies in it."""
    css = Gtk.CssProvider()
    css.load_from_data(look)
    parts = [widget]
    if isinstance(widget, Gtk.Container):
        widget.forall(parts.append)
    for part in parts:
        part.get_style_context().add_provider(css, Gtk.STYLE_PROVIDER_PRIORITY_APPLICATION)


def _say_least(spin: Gtk.SpinButton, text: str) -> bool:
    """Words in place of the smallest number; GTK itself writes the others."""
    if spin.get_value() > spin.get_adjustment().get_lower():
        return False
    if spin.get_text() != text:
        spin.set_text(text)
    return True


def icon_button(icon: str, name: str, *, flat: bool = False) -> Gtk.Button:
    """A small button with a picture, its name as the tooltip."""
    button = named(Gtk.Button(), name)
    button.add(Gtk.Image.new_from_icon_name(icon, Gtk.IconSize.MENU))
    button.set_tooltip_text(name)
    if flat:
        button.set_relief(Gtk.ReliefStyle.NONE)
    return button


def choice(name: str, options: list[tuple[str, str]], chosen: str) -> Gtk.ComboBoxText:
    """A drop-down list of (id, label); an id that is not offered falls back to the first."""
    combo = named(Gtk.ComboBoxText(), name)
    # A long name must not widen the window.
    for cell in combo.get_cells():
        cell.set_property("ellipsize", Pango.EllipsizeMode.END)
    combo.set_size_request(60, -1)
    fill_choice(combo, options, chosen)
    return combo


def fill_choice(combo: Gtk.ComboBoxText, options: list[tuple[str, str]], chosen: str) -> None:
    """Put other options into a drop-down list."""
    if [tuple(row)[:2] for row in combo.get_model()] == [(shown, key) for key, shown in options]:
        combo.set_active_id(chosen)
        return
    combo.remove_all()
    for key, shown in options:
        combo.append(key, shown)
    if not combo.set_active_id(chosen):
        combo.set_active(0)


class Form:
    """Rows of a label and a widget; forms that share `labels` have columns of the same width."""

    def __init__(self, labels: Gtk.SizeGroup) -> None:
        self.grid = Gtk.Grid(column_spacing=12, row_spacing=6)
        self._labels = labels
        self._rows = 0

    def row(
        self, text: str, widget: Gtk.Widget, target: Gtk.Widget | None = None, tip: str = ""
    ) -> None:
        """Add a row; the label's mnemonic leads to `target`, if that is not the widget itself."""
        if text:
            self.grid.attach(self._title(text, target or widget), 0, self._rows, 1, 1)
        if tip:
            widget.set_tooltip_text(tip)
        widget.set_hexpand(True)
        self.grid.attach(widget, 1, self._rows, 1, 1)
        self._rows += 1

    def _title(self, text: str, target: Gtk.Widget) -> Gtk.Label:
        title = Gtk.Label.new_with_mnemonic(text)
        title.set_xalign(0.0)
        title.set_mnemonic_widget(target)
        self._labels.add_widget(title)
        return title


def beside(widget: Gtk.Widget, other: Gtk.Widget) -> Gtk.Box:
    """Two widgets in a line; the first takes the room that is left."""
    line = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=8)
    line.pack_start(widget, True, True, 0)
    line.pack_start(other, False, False, 0)
    return line
