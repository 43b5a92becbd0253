"""A backend without processes: the queue and the worker's own choice, on a clock that is counted.

A job is so many steps; a forward takes `BASE` and for each row `ROW` seconds, as it does where
pictures are small enough that several fill a device.
"""

from dataclasses import dataclass, field

from bottega_backend.engine.turns import Limits, Waiting, choose
from bottega_backend.scheduler.job import Job
from bottega_backend.scheduler.live_budget import LiveBudget
from bottega_backend.scheduler.queue import TurnsQueue

BASE = 0.04
ROW = 0.01
LOADING = 2.0


@dataclass(eq=False)
class Painting:
    """One job on the floor: what it asks for, and what became of it."""

    job: Job
    steps: int
    arrives: float = 0.0
    signature: str = "alike"
    begun: float | None = None
    ended: float | None = None
    told: list = field(default_factory=list)

    @property
    def waited(self):
        """Seconds from its arrival to its first forward."""
        return self.begun - self.arrives


@dataclass
class Seat:
    """A painting in the worker."""

    painting: Painting
    arrival: int
    used: float
    left: int
    weight: float = 1.0


@dataclass(frozen=True)
class Forward:
    """One piece of work: when, for whom, and how many of its seconds were live previews'."""

    begin: float
    end: float
    paintings: tuple
    live: float
    waiting: bool


class Floor:
    """One worker that has model m loaded, one queue. `run` plays until all has ended.

    With `telling` a painting keeps what it is told when it comes.
    """

    def __init__(self, *, telling=False):
        self.now = 0.0
        self.telling = telling
        self.queue = TurnsQueue(lambda: self.now)
        self.coming = []
        self.paintings = {}
        self.seats = {}
        self.forwards = []
        self.model = "m"
        self._live = LiveBudget()
        self._arrivals = 0

    def bring(self, account, steps, count=1, **fields):
        """Paintings of one artist; those to come later have `arrives`."""
        about = {key: fields.pop(key) for key in ("arrives", "signature") if key in fields}
        brought = []
        for _ in range(count):
            number = len(self.paintings) + 1
            values = {"model": "m", "work": float(steps), "kind": "k", **fields}
            painting = Painting(Job(number, account, **values), steps, **about)
            self.paintings[number] = painting
            self.coming.append(painting)
            brought.append(painting)
        return brought

    def run(self, until=1e9):
        """Play."""
        self.coming.sort(key=lambda one: one.arrives)
        while self.now < until:
            self._arrive()
            self._place()
            if self.seats:
                self._forward()
            elif self.coming:
                self.now = self.coming[0].arrives
            else:
                break
        return self

    def _arrive(self):
        while self.coming and self.coming[0].arrives <= self.now:
            painting = self.coming.pop(0)
            self.queue.admit(painting.job)
            if self.telling:
                painting.told.append((self.now, self.queue.standing(painting.job.number)))

    def _place(self):
        for entry in self.queue.place([0]):
            painting = self.paintings[entry.job.number]
            least = min((seat.used for seat in self.seats.values()), default=0.0)
            self._arrivals += 1
            self.seats[entry.job.number] = Seat(painting, self._arrivals, least, painting.steps)
            if entry.job.model != self.model:
                self.model = entry.job.model
                self.now += LOADING
                self._spend({entry.job.number: LOADING}, LOADING)
        for number, weight in self.queue.weights(0).items():
            self.seats[number].weight = weight

    def _forward(self):
        waiting = [self._parked(seat) for seat in self.seats.values()]
        chosen = [int(key) for key in choose(waiting, Limits())]
        if not self._live.allows(self.now, self._live_seconds(chosen)):
            chosen = [int(key) for key in choose(waiting, Limits(), live_first=False)]
        rows = sum(self.paintings[number].job.rows for number in chosen)
        took, begin = BASE + ROW * rows, self.now
        self.now += took
        spent = {number: took * self.paintings[number].job.rows / rows for number in chosen}
        live = self._live_seconds(chosen)
        self._live.spent(live, self.now)
        others = any(not seat.painting.job.live for seat in self.seats.values())
        them = tuple(self.paintings[number] for number in chosen)
        self.forwards.append(Forward(begin, self.now, them, live, others))
        for number in chosen:
            self._step(number, begin, spent[number])
        self._spend(spent, took)
        for number in chosen:
            if not self.seats[number].left:
                self.paintings[number].ended = self.now
                del self.seats[number]
                self.queue.finished(number, well=True)

    def _live_seconds(self, chosen):
        """What live previews will have of a forward."""
        rows = {number: self.paintings[number].job.rows for number in chosen}
        live = sum(rows[number] for number in chosen if self.paintings[number].job.live)
        return (BASE + ROW * sum(rows.values())) * live / sum(rows.values())

    def _parked(self, seat):
        job = seat.painting.job
        place = (seat.used, seat.arrival, job.live)
        return Waiting(str(job.number).encode(), seat.painting.signature, job.rows, 1000, *place)

    def _step(self, number, begin, seconds):
        seat = self.seats[number]
        seat.left -= 1
        seat.used += seconds / seat.weight
        if seat.painting.begun is None:
            seat.painting.begun = begin

    def _spend(self, spent, seconds):
        self.queue.worked(seconds, spent)

    def seconds(self, since=0.0, until=1e9):
        """Device seconds by account of the forwards that ended within this time."""
        had = {}
        for forward in self.forwards:
            if since < forward.end <= until:
                rows = sum(one.job.rows for one in forward.paintings)
                for one in forward.paintings:
                    share = (forward.end - forward.begin) * one.job.rows / rows
                    had[one.job.account] = had.get(one.job.account, 0.0) + share
        return had
