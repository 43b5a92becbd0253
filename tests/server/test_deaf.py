"""A client that never reads keeps nobody waiting: neither the others nor the server's own end."""

import signal

from fakes.deaf import Deaf
from fakes.orders import Order
from fakes.served import Served

from bottega_protocol.messages import AskOffers, Finished

MANY = 4000
"""Questions whose answers are more than all buffers in between hold."""


def fill(served, deaf):
    """Ask until an answer waits to be sent."""
    for number in range(MANY):
        deaf.say(AskOffers(number))
    # Whoever is answered after that has waited until the server had read his line.
    for _ in range(3):
        served.client().offers()


def test_the_server_ends_in_spite_of_one_who_never_reads(tmp_path):
    """SIGTERM, while a frame for him waits to be sent."""
    with Served(tmp_path / "data") as served, Deaf(served.url, served.token) as deaf:
        fill(served, deaf)
        assert isinstance(list(Order().follow(served.client()))[-1], Finished)
        served.hang_up()
        served.process.send_signal(signal.SIGTERM)
        # Not for ever, nor until a ping would have been due.
        assert served.process.wait(15) == 0
