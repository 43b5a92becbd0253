"""An editor whose machine sleeps: `python peers_stopped.py JSON`."""

from __future__ import annotations

import json
import sys

from fakes.orders import Order

from bottega_client.client import Client
from bottega_client.launch import Address
from bottega_protocol.messages import Finished, Progress


def main() -> None:
    """Have one job painted; say when it runs, and whether its pixels came."""
    told = json.loads(sys.argv[1])
    client = Client(Address(told["url"], told["token"]), "stopped", (0.2,) * 200)
    order = Order(told["prompt"], side=64)
    running = False
    for event in order.follow(client):
        if isinstance(event, Progress) and not running:
            running = True
            sys.stdout.write("running\n")
            sys.stdout.flush()
    held = isinstance(event, Finished)
    held = held and client.fetch(event.result.layers[0].pixels) == order.negative
    sys.stdout.write(f"{'whole' if held else 'lost'} {len(client.results())}\n")
    client.close()


if __name__ == "__main__":
    main()
