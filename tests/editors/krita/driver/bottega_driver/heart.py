"""A heart that beats on Krita's UI thread: how long its pauses are tells whether Krita stalls."""

from __future__ import annotations

import time

from .qt import QtCore

PAUSE = 5
"""Milliseconds between two beats."""


class Heart:
    """Beats from the start on; `note` files the longest pause since the last note.

    Each pause twice, in milliseconds: by the clock, and what the thread itself worked in it,
    which other programs on a busy machine don't make longer.
    """

    def __init__(self):
        self.pauses = {}
        self.beats = 0
        self._longest = [0.0, 0.0]
        self._last = self._now()
        self._timer = QtCore.QTimer()
        self._timer.setTimerType(QtCore.Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(PAUSE)

    def note(self, name):
        """The longest pause since the last note belongs to this."""
        self._beat()
        before = self.pauses.get(name, (0.0, 0.0))
        pairs = zip(self._longest, before, strict=True)
        self.pauses[name] = [max(round(1000 * now, 1), old) for now, old in pairs]
        self._longest = [0.0, 0.0]

    def end(self):
        """Beat no more."""
        self._timer.stop()

    def _beat(self):
        now = self._now()
        pairs = zip(self._longest, now, self._last, strict=True)
        self._longest = [max(longest, there - then) for longest, there, then in pairs]
        self._last = now
        self.beats += 1

    def _now(self):
        return [time.monotonic(), time.thread_time()]
