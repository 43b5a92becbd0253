"""What is rarely changed, folded away: steps, guidance, sampler, source."""

from __future__ import annotations

from collections.abc import Iterable

from bottega_client.editor import ACTIVE, VISIBLE
from bottega_krita.qt import QtCore, QtWidgets

from .choice import Choice

BY_MODEL = "as the model likes"
SOURCES = (
    (VISIBLE, "Visible picture", "The model sees all visible layers"),
    (ACTIVE, "Active layer", "The model sees the active layer alone"),
)


class More(QtWidgets.QWidget):
    """A fold with a heading; its fields may be read folded or not."""

    def __init__(self) -> None:
        super().__init__()
        self._heading = QtWidgets.QToolButton()
        self._heading.setObjectName("bottega_more")
        self._heading.setText("More")
        self._heading.setAccessibleName("More settings")
        self._heading.setCheckable(True)
        self._heading.setAutoRaise(True)
        self._heading.setToolButtonStyle(QtCore.Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._heading.toggled.connect(self._unfold)
        self.source = Choice("bottega_source", "Source")
        self.source.offer(SOURCES)
        self.sampler = Choice("bottega_sampler", "Sampler")
        self.offer_samplers(())
        self.steps = QtWidgets.QSpinBox()
        _prepare(self.steps, "bottega_steps", "Steps", 150)
        self.guidance = QtWidgets.QDoubleSpinBox()
        _prepare(self.guidance, "bottega_guidance", "Guidance", 50)
        self._body = QtWidgets.QWidget()
        self._lay_out()
        self._unfold(False)

    def offer_samplers(self, samplers: Iterable[str]) -> None:
        """List what the server can sample with."""
        self.sampler.offer((("", BY_MODEL, ""), *((name, name, "") for name in samplers)))

    def _lay_out(self) -> None:
        form = QtWidgets.QFormLayout(self._body)
        form.setContentsMargins(12, 0, 0, 0)
        form.addRow("Source", self.source)
        form.addRow("Sampler", self.sampler)
        form.addRow("Steps", self.steps)
        form.addRow("Guidance", self.guidance)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._heading)
        column.addWidget(self._body)

    def _unfold(self, unfolded: bool) -> None:  # noqa: FBT001  # Qt calls it so
        arrows = QtCore.Qt.ArrowType
        self._heading.setArrowType(arrows.DownArrow if unfolded else arrows.RightArrow)
        self._body.setVisible(unfolded)


def _prepare(
    spin: QtWidgets.QSpinBox | QtWidgets.QDoubleSpinBox, name: str, title: str, most: int
) -> None:
    """Zero stands for the model's own number."""
    spin.setObjectName(name)
    spin.setAccessibleName(title)
    spin.setRange(0, most)
    spin.setSpecialValueText(BY_MODEL)
