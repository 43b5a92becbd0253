"""What waiting artists are told, and when their jobs began: through a real server.

`python tests/server/waits.py 240` prints how far off it was.
"""

import random
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1]))

from fakes.orders import Order
from fakes.served import Served
from fakes.talk import talk

from bottega_protocol.messages import Cancelled, Failed, Fault, Finished, Progress, Queued, Refused

ARTISTS = {"ada": "token of ada", "bea": "token of bea", "cleo": "token of cleo"}


MOST_SECONDS = 300.0
ENOUGH = 16
"""Unfinished jobs of an artist who sends no more for now."""


@dataclass
class Wait:
    """One job: what was told when, in seconds since the run began, and when it began."""

    told: list = field(default_factory=list)
    begun: float | None = None
    ended: float | None = None

    def error(self):
        """Seconds by which what was told first was off, and how long it waited."""
        when, wait = self.told[0]
        actual = self.begun - when
        return abs(actual - wait), actual


class Artist(threading.Thread):
    """Sends jobs now and then, and listens."""

    def __init__(self, served, account, count, seed):
        super().__init__(daemon=True)
        self._place = served.url, ARTISTS[account], account
        self._chance = random.Random(f"{account} {seed}")
        self._count = count
        self.waits = []

    def run(self):
        url, token, account = self._place
        jobs = {}
        due = time.monotonic()
        with talk(url, token, account) as line:
            while len(jobs) < self._count or any(one.ended is None for one in jobs.values()):
                open_ = sum(one.ended is None for one in jobs.values())
                if len(jobs) < self._count and open_ < ENOUGH and time.monotonic() >= due:
                    due = time.monotonic() + self._chance.expovariate(2.0)
                    for order in self._orders(self._count - len(jobs)):
                        jobs[order.job] = Wait()
                        line.session.send(order.submit)
                self._listen(line, jobs)
        self.waits = list(jobs.values())

    def _orders(self, most):
        """A handful of alike jobs, as an artist sends them."""
        steps = self._chance.choice((50, 75, 100, 150))
        about = {"capability": "generate", "selected": False, "steps": steps, "guidance": 2.0}
        return [Order(**about) for _ in range(min(most, self._chance.randint(1, 10)))]

    def _listen(self, line, jobs):
        line.flush()
        with suppress(TimeoutError):
            for event in line.session.receive(line.socket.recv(timeout=0.02)):
                note(event, jobs)


def note(event, jobs):
    """What an event says of a job's wait."""
    assert not isinstance(event, Refused | Fault), event
    one, now = jobs.get(getattr(event, "job", None)), time.monotonic()
    if isinstance(event, Queued) and event.wait is not None:
        one.told.append((now, event.wait))
    elif isinstance(event, Progress) and one.begun is None:
        one.begun = now
    elif isinstance(event, Finished | Failed | Cancelled):
        one.ended = now


def measure(served, count, seed=0):
    """So many jobs of each artist; gives the waits of those that were told one."""
    artists = [Artist(served, account, count, seed) for account in ARTISTS]
    for artist in artists:
        artist.start()
    for artist in artists:
        artist.join(MOST_SECONDS)
        assert not artist.is_alive(), "an artist still waits"
    waits = [one for artist in artists for one in artist.waits]
    assert len(waits) == count * len(ARTISTS)
    return [one for one in waits if one.told and one.begun is not None]


def summary(waits):
    """Medians over what was told first: the error and the wait in seconds, error over wait.

    The last is of the longer half of the waits: of a short one nobody asks how short.
    """
    pairs = [one.error() for one in waits]
    usual = median(wait for _, wait in pairs)
    relative = [error / wait for error, wait in pairs if wait >= usual]
    return median(error for error, _ in pairs), usual, median(relative)


def main():
    """Measure, and say it."""
    count = int(sys.argv[1]) // len(ARTISTS)
    with (
        tempfile.TemporaryDirectory() as folder,
        Served(Path(folder) / "data", accounts=ARTISTS) as served,
    ):
        measure(served, 10)
        waits = measure(served, count)
    error, wait, relative = summary(waits)
    sys.stdout.write(
        f"{len(waits)} jobs: median error {error:.2f} s, median wait {wait:.2f} s;"
        f" of the longer half the median error is {100 * relative:.0f} %\n"
    )


if __name__ == "__main__":
    main()
