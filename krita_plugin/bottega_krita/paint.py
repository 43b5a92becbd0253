"""The page that is used all the time: what to paint, how far, and the job at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bottega_client.choose import (
    CAPABILITIES,
    INTENTS,
    QUALITIES,
    STRENGTH,
    button_for,
    capability_for,
)
from bottega_client.choose import (
    Choice as Word,
)
from bottega_client.editor import ACTIVE, VISIBLE
from bottega_client.wishes import Wish
from bottega_client.words import plan_text
from bottega_protocol.requests import MOST_COUNT

from .qt import QtCore, QtWidgets
from .widgets.begin import Begin
from .widgets.card import LARGE, Card
from .widgets.choice import Choice
from .widgets.details import Details
from .widgets.fold import Fold
from .widgets.form import Form
from .widgets.numbers import whole
from .widgets.seed import SeedRow
from .widgets.strength import StrengthRow
from .widgets.target import TargetRow
from .widgets.texts import PromptEdit
from .widgets.wheel import Unmoved
from .widgets.words import Words

if TYPE_CHECKING:
    from bottega_client.entries import Entry
    from bottega_protocol.messages import Offers
    from bottega_protocol.offers import Plan

BY_SERVER = ("", "The server's choice", "")
SOURCES = (
    Word(VISIBLE, "Visible picture", "The model sees all visible layers"),
    Word(ACTIVE, "Active layer", "The model sees the active layer alone"),
)
GOOD = "good"


class PaintPage(QtWidgets.QWidget):
    """Fields, the button that begins, and a card for the newest job."""

    begun = QtCore.pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.prompt = PromptEdit("bottega_prompt", "Prompt", "What should be there?", 4)
        self.negative = PromptEdit("bottega_negative", "Negative prompt", "What should not?", 2)
        self.strength = StrengthRow()
        self.begin = Begin(INTENTS)
        self.plan = Words("bottega_plan", "Plan")
        self.card = Card(LARGE)
        self.quality = Choice("bottega_quality", "Quality")
        self.quality.offer(QUALITIES)
        self.quality.choose(GOOD)
        self.count = whole("bottega_count", "Variations", (1, MOST_COUNT))
        self.model = Choice("bottega_model", "Model")
        self.model.offer((BY_SERVER,))
        self.source = Choice("bottega_source", "Source")
        self.source.offer(SOURCES)
        self.seed = SeedRow()
        self.target = TargetRow()
        self.details = Details()
        self._offers: Offers | None = None
        self._selected = False
        self._lay_out()
        self._connect()
        self.show_plan(None)
        self.show_context(selected=False)
        self.card.hide()
        self._unmoved = Unmoved(self)

    @property
    def capability(self) -> str:
        """What the button does now."""
        return capability_for(self._selected, self.strength.strength(), self.target.target())

    def wish(self) -> Wish:
        """What the fields ask for."""
        width, height = self.target.new_size()
        wish = Wish(
            prompt=self.prompt.toPlainText().strip(),
            negative=self.negative.toPlainText().strip(),
            model=self.model.chosen(),
            seed=self.seed.seed(),
            strength=self.strength.strength(),
            source=self.source.chosen(),
            quality=self.quality.chosen(),
            count=self.count.value(),
            intent=self.begin.intent,
            width=width,
            height=height,
        )
        return self.details.added_to(wish)

    def show_wish(self, wish: Wish, capability: str) -> None:
        """Take a wish back into the fields, to be used again; a seed it has is kept."""
        self.prompt.setPlainText(wish.prompt)
        self.negative.setPlainText(wish.negative)
        self.model.choose(wish.model)
        strength = STRENGTH[capability] if wish.strength is None else wish.strength
        self.strength.set_strength(strength)
        self.source.choose(wish.source)
        self.quality.choose(wish.quality)
        self.count.setValue(wish.count)
        self.begin.choose(wish.intent)
        self.target.show_size(wish.width, wish.height)
        self.details.show_wish(wish)
        if wish.seed is not None:
            self.seed.keep(wish.seed)

    def show_context(self, *, selected: bool) -> None:
        """What a click would do depends on whether anything is selected."""
        self._selected = selected
        self._show_deed()

    def show_offers(self, offers: Offers) -> None:
        """What the server can do; what was chosen before stays chosen."""
        self._offers = offers
        self.details.offer_samplers(offers.samplers)
        self._offer_models()

    def show_plan(self, plan: Plan | None, trouble: str = "") -> None:
        """What would be painted, or why it can't be."""
        text = trouble if plan is None else plan_text(plan)
        self.plan.say(text)
        self.plan.setVisible(bool(text))

    def show_entry(self, entry: Entry | None) -> None:
        """The job at hand."""
        self.card.setVisible(entry is not None)
        if entry is not None:
            self.card.show_entry(entry)

    def show_used(self, seed: int) -> None:
        """The seed that was painted with."""
        self.seed.show_used(seed)

    def _show_deed(self, *_: object) -> None:
        capability = self.capability
        tip = next(word.tip for word in CAPABILITIES if word.name == capability)
        by_intent = capability == "fill"
        self.begin.show_deed(button_for(capability, self.begin.intent), tip, by_intent=by_intent)
        self._offer_models()

    def _offer_models(self) -> None:
        if self._offers is None:
            return
        able = [model for model in self._offers.models if self.capability in model.capabilities]
        self.model.offer((BY_SERVER, *((model.id, model.name, model.note) for model in able)))

    def _connect(self) -> None:
        self.begin.asked.connect(self.begun)
        self.begin.intent_chosen.connect(self._show_deed)
        self.strength.changed.connect(self._show_deed)
        self.target.changed.connect(self._show_deed)
        for field in (self.prompt, self.negative):
            field.begun.connect(self.begin.button.click)

    def _lay_out(self) -> None:
        form = Form()
        form.add("Quality", self.quality)
        form.add("Variations", self.count, "Paint so many, to choose from")
        form.add("Model", self.model)
        form.add("Source", self.source)
        form.add("Seed", self.seed)
        form.add("Into", self.target)
        strength = Form()
        strength.add("Strength", self.strength)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        parts = (self.prompt, self.negative, strength, self.begin, self.plan, self.card, form)
        for part in (*parts, Fold("bottega_details", "Details", self.details)):
            column.addWidget(part)
        column.addStretch(1)
