"""Bottega's own turns on Krita's UI thread: how much each of them does."""

from __future__ import annotations

import time

from bottega_krita import conversion, placing, ui_thread
from bottega_krita.mailbox import Mailbox


class Watch:
    """From when it is made on; `file` files what was seen since under a name.

    Processor time, which other programs on a busy machine hardly make longer.
    """

    def __init__(self):
        self.notes = {}
        self._turns = []
        self._pixels = 0
        self._were = ui_thread._keep, Mailbox._open, conversion.cut
        keep, show, cut = self._were
        # Every turn passes through one of the first two, every piece of a picture through the last.
        self._put(self._timed(keep), self._timed(show), self._counted(cut))

    def end(self):
        """Watch no more."""
        self._put(*self._were)

    def _put(self, keep, show, cut):
        ui_thread._keep, Mailbox._open = keep, show
        conversion.cut = placing.cut = cut

    def file(self, name):
        """The longest turn, that of those which lay pixels, how many turns, the most pixels in one.

        Milliseconds; what was filed under the same name before counts too.
        """
        laying = [cost for cost, pixels in self._turns if pixels]
        now = (
            _milliseconds(cost for cost, _ in self._turns),
            _milliseconds(laying),
            len(self._turns),
            max((pixels for _, pixels in self._turns), default=0),
        )
        longest, longest_laying, count, most = self.notes.get(name, (0.0, 0.0, 0, 0))
        self.notes[name] = (
            max(now[0], longest),
            max(now[1], longest_laying),
            now[2] + count,
            max(now[3], most),
        )
        self._turns.clear()

    def _timed(self, work):
        def timed(*given):
            began, before, self._pixels = time.thread_time(), self._pixels, 0
            try:
                return work(*given)
            finally:
                self._turns.append((time.thread_time() - began, self._pixels))
                self._pixels = before

        return timed

    def _counted(self, cut):
        def counted(*given):
            for part, pixels in cut(*given):
                self._pixels += part.size.area
                yield part, pixels

        return counted


def _milliseconds(costs):
    return round(1000 * max(costs, default=0.0), 1)
