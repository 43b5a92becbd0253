"""A picture that fits its place: raw RGB in, drawn as large as there is room, never distorted."""

from __future__ import annotations

from bottega_krita.qt import QtCore, QtGui, QtWidgets


class Picture(QtWidgets.QWidget):
    """Shows an RGB picture in the middle of `height` pixels, or of all that it is given at 0."""

    def __init__(self, name: str, title: str, height: int = 0) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(title)
        self._image = QtGui.QImage()
        if height:
            self.setFixedHeight(height)

    def show_rgb(self, width: int, height: int, rgb: bytes) -> None:
        """Show raw RGB, 8 bit, row by row without padding."""
        self._image = image_of(width, height, rgb)
        self.update()

    @property
    def shown_width(self) -> int:
        """Pixels of the picture that is shown, 0 without any."""
        return int(self._image.width())

    def clear(self) -> None:
        """Show nothing."""
        self._image = QtGui.QImage()
        self.update()

    def paintEvent(self, event: QtGui.QPaintEvent) -> None:  # noqa: ARG002, N802  # Qt's name
        """Draw the picture, smoothly, in the middle; where it will be while there is none."""
        painter = QtGui.QPainter(self)
        if self._image.isNull():
            side = min(self.width(), self.height())
            square = QtCore.QRect(0, 0, side, side)
            square.moveCenter(self.rect().center())
            painter.fillRect(square, self.palette().base())
        draw_fitting(painter, self.rect(), self._image)
        painter.end()


def image_of(width: int, height: int, rgb: bytes) -> QtGui.QImage:
    """An image of its own: Qt would only point at the bytes."""
    kind = QtGui.QImage.Format.Format_RGB888
    return QtGui.QImage(rgb, width, height, 3 * width, kind).copy()


def draw_fitting(painter: QtGui.QPainter, box: QtCore.QRect, image: QtGui.QImage) -> QtCore.QRect:
    """Draw an image as large as the box lets it, in its middle; gives where it lies."""
    if image.isNull():
        return box
    size = image.size().scaled(box.size(), QtCore.Qt.AspectRatioMode.KeepAspectRatio)
    place = QtCore.QRect(QtCore.QPoint(0, 0), size)
    place.moveCenter(box.center())
    painter.setRenderHint(QtGui.QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(place, image)
    return place
