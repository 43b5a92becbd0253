"""How much one artist or one address may have or do: pure, the clock is handed in."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, ip_address

from bottega_backend.settings import Limits
from bottega_backend.store.holdings import Held
from bottega_protocol.errors import Refusal
from bottega_protocol.requests import AnyRequest

GIGABYTE = 10**9
MEGAPIXEL = 10**6

MOST_KEYS = 4096
"""Of how many keys a meter remembers when they came last, before it forgets those at rest."""

MESSAGE_BURST = 4.0
HANDSHAKE_BURST = 2.0
"""Seconds' worth that may come at once."""


class Meter:
    """How fast something comes, by key: the generic cell rate algorithm, one number a key.

    (ITU-T I.371, "virtual scheduling": the number is when the next one is due at this rate.)
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._due: dict[str, float] = {}

    def allow(self, key: str, rate: float, burst: float) -> bool:
        """Whether one more may come: `rate` a second, `burst` seconds' worth at once."""
        due = self._next(key) + 1 / rate
        if due - self._now() > burst:
            return False
        self._due[key] = due
        return True

    def delay(self, key: str, rate: float, burst: float) -> float:
        """One more has come: how many seconds the next ones have to wait."""
        self._due[key] = due = self._next(key) + 1 / rate
        return max(0.0, due - self._now() - burst)

    def _next(self, key: str) -> float:
        now = self._now()
        if len(self._due) > MOST_KEYS:
            self._due = {known: due for known, due in self._due.items() if due > now}
        return max(self._due.get(key, now), now)


class Tally:
    """How much of something each key holds. What is held by nobody takes no room."""

    def __init__(self) -> None:
        self._held: defaultdict[str, int] = defaultdict(int)

    def held(self, key: str) -> int:
        """How much this key holds."""
        return self._held.get(key, 0)

    @property
    def total(self) -> int:
        """How much all hold together."""
        return sum(self._held.values())

    def take(self, key: str, amount: int = 1) -> None:
        """Hold more."""
        self._held[key] += amount

    def give_back(self, key: str, amount: int = 1) -> None:
        """Hold less."""
        self._held[key] -= amount
        if self._held[key] <= 0:
            del self._held[key]


class Bounds:
    """The limits of one server and what counts against them.

    `quotas` gives what was set for an artist alone; it is asked each time, for it may change.
    """

    def __init__(
        self,
        limits: Limits,
        quotas: Callable[[str], Mapping[str, float]] = lambda _: {},
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.limits = limits
        self._quotas = quotas
        self.addresses = Tally()
        self.uploads = Tally()
        self._handshakes = Meter(now)
        self._messages = Meter(now)

    def of(self, account: str) -> Limits:
        """What holds for this account."""
        return self.limits.of_artist(self._quotas(account))

    def crowded(self, address: str) -> str:
        """Why one more connection, which counts already, must not stay; empty where it may."""
        if self.addresses.total > self.limits.sockets:
            return "This server has as many connections as it takes."
        if self.addresses.held(address) > self.limits.address_sockets:
            return "Too many connections come from this address."
        return ""

    def knock(self, address: str) -> bool:
        """Whether this address may begin one more handshake now."""
        return self._handshakes.allow(address, self.limits.handshakes, HANDSHAKE_BURST)

    def message(self, account: str) -> float:
        """A message has come: how many seconds its artist's next ones have to wait."""
        return self._messages.delay(account, self.of(account).messages, MESSAGE_BURST)

    def begin_upload(self, account: str, size: int) -> None:
        """Count a blob that begins to come; raises Refusal where too much is coming already."""
        most = self.of(account).uploads * GIGABYTE
        if self.uploads.held(account) + size > most:
            raise _over(
                f"More than {most / GIGABYTE:g} GB of yours are being sent.",
                "Wait until other pictures have been sent, or stop them.",
            )
        self.uploads.take(account, size)

    def end_upload(self, account: str, size: int) -> None:
        """It has come, or will not come."""
        self.uploads.give_back(account, size)

    def check_job(self, account: str, request: AnyRequest, unfinished: int) -> None:
        """Raise Refusal for a job that is too large, or one too many; busy is what passes."""
        limits = self.of(account)
        pixels = request.rectangle.size.area * request.count
        if pixels > limits.megapixels * MEGAPIXEL:
            raise _over(
                f"The job has {pixels / MEGAPIXEL:.1f} megapixels in all its variations; "
                f"you may have {limits.megapixels:g}.",
                "Select less, or ask for fewer variations.",
            )
        if unfinished >= limits.jobs:
            raise Refusal(
                "busy",
                f"{unfinished} of your jobs are waiting, as many as you may have.",
                "Wait for some, or cancel.",
            )

    def kept(self, account: str, size: int = 0) -> Held:
        """How many jobs and bytes may be stored for an account, before `size` comes to it."""
        limits = self.of(account)
        return Held(limits.kept_jobs, int(limits.kept_gigabytes * GIGABYTE) - size)

    def check_kept(self, account: str, held: Held, size: int = 0) -> None:
        """Raise Refusal where what is stored for an artist is as much as may be.

        `size` is what would come to it now: nothing where one more job is meant.
        """
        most = self.kept(account)
        if (not size and held.jobs >= most.jobs) or held.size + size > most.size:
            raise _over(
                f"The server keeps {held.jobs} jobs and {held.size / GIGABYTE:.1f} GB of yours; "
                f"you may have {most.jobs} and {most.size / GIGABYTE:g}.",
                "Fetch or place results that you want: those go first. What is old goes by itself.",
            )


def _over(message: str, remedy: str) -> Refusal:
    return Refusal("over-limit", message, f"{remedy} Who runs the server can allow more.")


def address_of(remote: object) -> str:
    """What counts as one address: of IPv6 the whole network of 64 bits, which one machine has."""
    host = str(remote[0]) if isinstance(remote, tuple) and remote else "unknown"
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, IPv4Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return address.exploded[:19] + "::/64"
