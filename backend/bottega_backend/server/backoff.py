"""Whoever fails to prove himself waits, longer each time: pure, the clock is handed in.

Tokens and invitations have too many bits to be guessed. This keeps whoever tries all the same
from costing the others time, and the log from filling.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import ip_address

FREE = 5
"""Failures that cost nothing: a token that was pasted wrong, an invitation that was used."""

FIRST_SECONDS = 1.0
MOST_SECONDS = 30.0
"""No more: an editor that goes on with an old token must not keep a new one out for long."""

FORGOTTEN_SECONDS = 900.0
"""After so long without a failure an address begins anew."""

MOST_ADDRESSES = 4096
"""More than a studio has; beyond it the one that failed longest ago is forgotten."""


class Backoff:
    """Failures by address, as limits.address_of gives it."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def failed(self, address: str) -> None:
        """A proof from there was wrong."""
        count, _ = self._recent(address)
        self._failures[address] = count + 1, self._now()
        self._failures.move_to_end(address)
        if len(self._failures) > MOST_ADDRESSES:
            self._failures.popitem(last=False)

    def wait(self, address: str) -> float:
        """Seconds until this address is heard again; 0 for all that have not failed often.

        A proof that was right does not clear it: its own artist could try others' tokens.
        """
        count, last = self._recent(address)
        if count < FREE:
            return 0.0
        wait = min(MOST_SECONDS, FIRST_SECONDS * 2.0 ** min(count - FREE, 30))
        return max(0.0, last + wait - self._now())

    def _recent(self, address: str) -> tuple[int, float]:
        count, last = self._failures.get(address, (0, 0.0))
        return (0, 0.0) if self._now() - last > FORGOTTEN_SECONDS else (count, last)


def is_own(remote: object, local: object) -> bool:
    """Whether a socket, by the names of its ends, comes from the server's own machine.

    That never waits: another user of it could lock its owner out, who comes by way of loopback or,
    where the server listens on one address only, from that address.
    """
    if not isinstance(remote, tuple) or not remote:
        return False
    if isinstance(local, tuple) and remote[:1] == local[:1]:
        return True
    try:
        address = ip_address(str(remote[0]).partition("%")[0])
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
