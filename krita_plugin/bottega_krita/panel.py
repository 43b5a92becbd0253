"""The docker's face: its fields and buttons, and what they say. Qt only: no document, no server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bottega_client.actions import Wish

from .qt import QtCore, QtWidgets
from .widgets.choice import Choice
from .widgets.more import More
from .widgets.notice import Notice
from .widgets.progress import Progress
from .widgets.seed import SeedRow
from .widgets.status import Status
from .widgets.strength import StrengthRow
from .widgets.texts import PromptEdit

if TYPE_CHECKING:
    from bottega_client.actions import Outcome
    from bottega_protocol.messages import Offers

FILL = "fill"
BY_SERVER = ("", "The server's choice", "")


class Panel(QtWidgets.QWidget):
    """Asks with `fill_asked` and `cancel_asked`."""

    fill_asked = QtCore.pyqtSignal()
    cancel_asked = QtCore.pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.status = Status()
        self.prompt = PromptEdit("bottega_prompt", "Prompt", "What should be there?", 4)
        self.negative = PromptEdit(
            "bottega_negative", "Negative prompt", "What should not? (negative)", 2
        )
        self.strength = StrengthRow()
        self.seed = SeedRow()
        self.model = Choice("bottega_model", "Model")
        self.model.offer((BY_SERVER,))
        self.more = More()
        self.fill = _button("bottega_fill", "Fill", "Paint the selection (Ctrl+Enter)")
        self.cancel = _button("bottega_cancel", "Cancel", "Stop painting")
        self.progress = Progress()
        self.notice = Notice()
        self._lay_out()
        self._connect()
        self.set_running(False)

    def wish(self) -> Wish:
        """What the fields ask for."""
        return Wish(
            prompt=self.prompt.toPlainText().strip(),
            negative=self.negative.toPlainText().strip(),
            model=self.model.chosen(),
            sampler=self.more.sampler.chosen(),
            seed=self.seed.seed(),
            steps=self.more.steps.value(),
            guidance=self.more.guidance.value(),
            strength=self.strength.strength(),
            source=self.more.source.chosen(),
        )

    def set_running(self, running: bool) -> None:  # noqa: FBT001  # a state, named by the method
        """Show whether a job goes on."""
        self.fill.setDisabled(running)
        self.cancel.setEnabled(running)
        if running:
            self.notice.clear()
            self.progress.begin()
        else:
            self.progress.end()

    def show_offers(self, offers: Offers) -> None:
        """List what the server offers for filling; what was chosen before stays chosen."""
        models = [model for model in offers.models if FILL in model.capabilities]
        self.model.offer((BY_SERVER, *((model.id, model.name, model.note) for model in models)))
        self.more.offer_samplers(offers.samplers)

    def show_outcome(self, outcome: Outcome) -> None:
        """Say what was painted, and with which seed."""
        recipe = outcome.result.recipe
        self.seed.show_used(recipe.seed)
        self.notice.say(
            f"Painted by {recipe.model_name} in {outcome.total:.1f} s, seed {recipe.seed}."
        )

    def _connect(self) -> None:
        self.fill.clicked.connect(self.fill_asked)
        self.cancel.clicked.connect(self.cancel_asked)
        for field in (self.prompt, self.negative):
            field.begun.connect(self.fill.click)

    def _lay_out(self) -> None:
        form = QtWidgets.QFormLayout()
        form.addRow("Strength", self.strength)
        form.addRow("Seed", self.seed)
        form.addRow("Model", self.model)
        buttons = QtWidgets.QHBoxLayout()
        buttons.addWidget(self.fill, 2)
        buttons.addWidget(self.cancel, 1)
        # What is looked at all the time comes first: a docker is often lower than its content.
        column = QtWidgets.QVBoxLayout(self)
        for part in (self.status, self.prompt, self.negative):
            column.addWidget(part)
        column.addLayout(buttons)
        column.addWidget(self.progress)
        column.addWidget(self.notice)
        column.addLayout(form)
        column.addWidget(self.more)
        column.addStretch(1)


def _button(name: str, title: str, tip: str) -> QtWidgets.QPushButton:
    button = QtWidgets.QPushButton(title)
    button.setObjectName(name)
    button.setAccessibleName(title)
    button.setToolTip(tip)
    # A click leaves the focus: a button that is disabled would hand it on, and scroll there.
    button.setFocusPolicy(QtCore.Qt.FocusPolicy.TabFocus)
    return button
