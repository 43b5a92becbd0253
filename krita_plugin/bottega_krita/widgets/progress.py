"""How far a job is: bar, place in the queue, a small picture of what is being painted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bottega_krita.qt import QtCore, QtGui, QtWidgets

if TYPE_CHECKING:
    from bottega_client.actions import Report
    from bottega_protocol.messages import Preview

WHOLE = 1000

SIDE = 128
"""Pixels of a preview's longer side on screen: models paint on a far coarser grid."""


class Progress(QtWidgets.QWidget):
    """Hidden while nothing runs."""

    def __init__(self) -> None:
        super().__init__()
        self._stage = QtWidgets.QLabel()
        self._stage.setObjectName("bottega_stage")
        self._bar = QtWidgets.QProgressBar()
        self._bar.setObjectName("bottega_progress")
        self._bar.setAccessibleName("Progress")
        self._bar.setTextVisible(False)
        self._preview = QtWidgets.QLabel()
        self._preview.setObjectName("bottega_preview")
        self._preview.setAccessibleName("Preview")
        self._preview.setAlignment(QtCore.Qt.AlignmentFlag.AlignCenter)
        column = QtWidgets.QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stage)
        column.addWidget(self._bar)
        column.addWidget(self._preview)
        self.end()

    def begin(self) -> None:
        """Show that something begins."""
        self._say("Asking the server", None)
        self.show()

    def tell(self, report: Report) -> None:
        """Show how far it is; a preview says nothing about that."""
        if report.preview is None:
            self._say(report.text, report.fraction)
        else:
            self._preview.setPixmap(_pixmap(report.preview))
            self._preview.show()

    def end(self) -> None:
        """Nothing runs any more."""
        self._preview.clear()
        self._preview.hide()
        self.hide()

    def _say(self, text: str, fraction: float | None) -> None:
        self._stage.setText(text)
        self._bar.setRange(0, 0 if fraction is None else WHOLE)
        self._bar.setValue(round((fraction or 0) * WHOLE))


def _pixmap(preview: Preview) -> QtGui.QPixmap:
    """A preview's raw RGB as Qt shows it."""
    kind = QtGui.QImage.Format.Format_RGB888
    image = QtGui.QImage(preview.pixels, preview.width, preview.height, 3 * preview.width, kind)
    return QtGui.QPixmap.fromImage(image).scaled(
        SIDE,
        SIDE,
        QtCore.Qt.AspectRatioMode.KeepAspectRatio,
        QtCore.Qt.TransformationMode.SmoothTransformation,
    )
