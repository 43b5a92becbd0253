"""A heart that beats on Krita's UI thread: how long its pauses are tells whether Krita stalls."""

from __future__ import annotations

import time

from .qt import QtCore

PAUSE = 5
"""Milliseconds between two beats."""


class Heart:
    """Beats from the start on; `note` files the longest pause since the last note."""

    def __init__(self):
        self.pauses = {}
        self.beats = 0
        self._longest = 0.0
        self._last = time.monotonic()
        self._timer = QtCore.QTimer()
        self._timer.setTimerType(QtCore.Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(PAUSE)

    def note(self, name):
        """The longest pause since the last note belongs to this, in milliseconds."""
        self._beat()
        self.pauses[name] = round(1000 * max(self._longest, self.pauses.get(name, 0) / 1000), 1)
        self._longest = 0.0

    def _beat(self):
        now = time.monotonic()
        self._longest = max(self._longest, now - self._last)
        self._last = now
        self.beats += 1
