"""A panel without a window: it writes down what its Easel tells."""

import threading

from bottega_client.easel import Easel
from bottega_client.entries import Changed, Connected

PATIENCE = 60


class Panel:
    """An Easel and everything that it told; waiting wakes up with every event."""

    def __init__(self, program="test", folder=None):
        self.events = []
        self.news = threading.Condition()
        self.easel = Easel(program, self.tell, folder)

    def tell(self, event):
        """As a panel's, on the Easel's thread."""
        with self.news:
            self.events.append(event)
            self.news.notify_all()

    def connected(self):
        """Start and wait until a server has been found."""
        self.easel.start()
        return self.next(Connected)

    def next(self, kind, since=0, wanted=lambda _: True):
        """The first event of a kind after `since` others, waiting for it."""

        def found():
            return [each for each in self.events[since:] if isinstance(each, kind) and wanted(each)]

        with self.news:
            assert self.news.wait_for(found, PATIENCE), (kind, self.easel.diagnostics())
            return found()[0]

    def entry(self, job, *states):
        """A job's entry once it is in one of these states."""

        def told(event):
            return event.entry.job == job and event.entry.state in states

        return self.next(Changed, 0, told).entry

    def until(self, condition):
        """Wait until a condition holds that events may make true."""
        with self.news:
            assert self.news.wait_for(condition, PATIENCE), self.easel.diagnostics()

    def states(self, job):
        """The states that were told of a job, each once."""
        told = [each.entry for each in self.events if isinstance(each, Changed)]
        return list(dict.fromkeys(entry.state for entry in told if entry.job == job))
