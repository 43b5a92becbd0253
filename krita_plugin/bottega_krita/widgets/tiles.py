"""The variations of a job side by side: a click looks closer, a tick picks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bottega_krita.qt import QtCore, QtGui, QtWidgets

from .picture import draw_fitting, image_of

if TYPE_CHECKING:
    from bottega_client.entries import Shown

ACROSS = 4
GAP = 4
LEAST, MOST = 40, 96
"""Pixels of a tile's side: four fit into whatever width the docker has."""


class Tile(QtWidgets.QAbstractButton):
    """One variation's picture; Enter, Space or a click ask to see it large."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.setObjectName(f"bottega_tile_{number}")
        self.setToolTip("Look closer")
        self.setFixedSize(LEAST, LEAST)
        self.setCursor(QtCore.Qt.CursorShape.PointingHandCursor)
        self._image = QtGui.QImage()

    def show_variation(self, shown: Shown) -> None:
        """Show its picture; its seed and prompt are read by those who can't see it."""
        picture = shown.thumbnail
        self._image = image_of(picture.width, picture.height, picture.rgb)
        self.setAccessibleName(f"Variation {shown.variation + 1}, seed {shown.seed}")
        self.setAccessibleDescription(shown.prompt)
        self.update()

    def keyPressEvent(self, event: QtGui.QKeyEvent) -> None:  # noqa: N802  # Qt's name
        """Enter does what Space does."""
        if event.key() in (QtCore.Qt.Key.Key_Return, QtCore.Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: ARG002, N802  # Qt's name
        """The picture, framed while it has the keyboard or the mouse."""
        painter = QtGui.QPainter(self)
        place = draw_fitting(painter, self.rect(), self._image)
        if self.hasFocus() or self.underMouse():
            painter.setPen(QtGui.QPen(self.palette().highlight().color(), 2))
            painter.drawRect(place.adjusted(1, 1, -1, -1))
        painter.end()


class Tick(QtWidgets.QCheckBox):
    """A tick box that may be clicked all over, not on its few letters alone."""

    def hitButton(self, place: QtCore.QPoint) -> bool:  # noqa: N802  # Qt's name
        """Whether a click there counts."""
        return bool(self.rect().contains(place))


class Tiles(QtWidgets.QWidget):
    """A grid of tiles with a tick box under each."""

    zoomed = QtCore.pyqtSignal(int)
    picked_changed = QtCore.pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        # Tiles take what width there is: what they once took must not hold the docker wide.
        self.setSizePolicy(
            QtWidgets.QSizePolicy.Policy.Ignored, QtWidgets.QSizePolicy.Policy.Preferred
        )
        self._grid = QtWidgets.QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP)
        self._grid.setAlignment(QtCore.Qt.AlignmentFlag.AlignLeft)
        self._shown: tuple[Shown, ...] = ()
        self._tiles: list[tuple[Tile, Tick]] = []

    def clear(self) -> None:
        """Nothing to show: what comes next belongs to another job."""
        for parts in self._tiles:
            for part in parts:
                part.hide()
                part.deleteLater()
        self._tiles, self._shown = [], ()

    def show_variations(self, variations: Sequence[Shown]) -> None:
        """Show these; what was picked stays picked."""
        if tuple(variations) == self._shown:
            return
        self._shown = tuple(variations)
        for number in range(len(self._tiles), len(variations)):
            self._add(number)
        for shown, (tile, tick) in zip(variations, self._tiles, strict=False):
            tile.show_variation(shown)
            tick.setText("placed" if shown.placed else str(shown.variation + 1))
            tick.setAccessibleName(f"Pick variation {shown.variation + 1}")
            tick.setEnabled(not shown.placed)
            if shown.placed:
                tick.setChecked(False)
        if len(variations) == 1:
            # There is nothing to choose from: it is picked.
            self._tiles[0][1].hide()
            self._tiles[0][1].setChecked(not variations[0].placed)

    def resizeEvent(self, event: QtGui.QResizeEvent) -> None:  # noqa: N802  # Qt's name
        """Four tiles share the width."""
        super().resizeEvent(event)
        side = min(max((self._room() - (ACROSS - 1) * GAP) // ACROSS, LEAST), MOST)
        for tile, _ in self._tiles:
            tile.setFixedSize(side, side)

    def _room(self) -> int:
        """The width with the page's scroll bar, be it there or not.

        Else tiles that grow where it goes would make the page so high that it comes back, and
        smaller tiles that it goes, without an end.
        """
        area = self.parentWidget()
        while area is not None and not isinstance(area, QtWidgets.QScrollArea):
            area = area.parentWidget()
        if area is None:
            return int(self.width())
        beside = area.viewport().width() - self.width()
        return int(area.width() - area.verticalScrollBar().sizeHint().width() - beside)

    def picked(self) -> tuple[int, ...]:
        """The variations that are ticked."""
        return tuple(
            shown.variation
            for shown, (_, tick) in zip(self._shown, self._tiles, strict=False)
            if tick.isChecked()
        )

    def pick(self, variation: int, *, picked: bool) -> None:
        """Tick one, or take its tick away."""
        for shown, (_, tick) in zip(self._shown, self._tiles, strict=False):
            if shown.variation == variation and tick.isEnabled():
                tick.setChecked(picked)

    def _add(self, number: int) -> None:
        tile, tick = Tile(number), Tick()
        tick.setObjectName(f"bottega_pick_{number}")
        tick.toggled.connect(self.picked_changed)
        tile.clicked.connect(lambda: self.zoomed.emit(self._shown[number].variation))
        if self._tiles:
            tile.setFixedSize(self._tiles[0][0].size())
        self._tiles.append((tile, tick))
        row, column = divmod(number, ACROSS)
        self._grid.addWidget(tile, 2 * row, column)
        self._grid.addWidget(tick, 2 * row + 1, column)
