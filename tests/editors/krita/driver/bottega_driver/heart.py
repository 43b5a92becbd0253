"""A heart that beats on Krita's UI thread: how long its pauses are tells whether Krita stalls."""

from __future__ import annotations

import time
from pathlib import Path

from .qt import QtCore

SCHEDULE = Path("/proc/thread-self/schedstat")

PAUSE = 5
"""Milliseconds between two beats."""


class Heart:
    """Beats from the start on; `note` files the longest pause since the last note.

    In milliseconds the longest by the clock; the most that the thread itself worked in one, which
    other programs on a busy machine don't make longer; and the most that it stood still for
    another reason than that all processors were busy: it slept, or waited for another thread.
    """

    def __init__(self):
        self.pauses = {}
        self.beats = 0
        self._longest = [0.0, 0.0, 0.0]
        self._last = self._now()
        self._timer = QtCore.QTimer()
        self._timer.setTimerType(QtCore.Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(PAUSE)

    def note(self, name):
        """The longest pause since the last note belongs to this."""
        self._beat()
        before = self.pauses.get(name, (0.0, 0.0, 0.0))
        pairs = zip(self._longest, before, strict=True)
        self.pauses[name] = [max(round(1000 * now, 1), old) for now, old in pairs]
        self._longest = [0.0, 0.0, 0.0]

    def end(self):
        """Beat no more."""
        self._timer.stop()

    def _beat(self):
        now = self._now()
        clock, worked, queued = (there - then for there, then in zip(now, self._last, strict=True))
        pause = (clock, worked, clock - worked - queued)
        self._longest = [max(pair) for pair in zip(self._longest, pause, strict=True)]
        self._last = now
        self.beats += 1

    def _now(self):
        """The clock, and how long this thread has run and has waited for a processor: seconds."""
        ran, queued, _ = SCHEDULE.read_text().split()
        return [time.monotonic(), int(ran) / 1e9, int(queued) / 1e9]
