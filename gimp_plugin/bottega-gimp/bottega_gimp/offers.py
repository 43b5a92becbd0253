"""Asks the server what it offers while the dialog is open, again and again until one answers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from bottega_client.client import Client
from bottega_protocol.errors import BottegaError
from bottega_protocol.messages import Offers

from .gimp import Gimp
from .kept import server_address

AGAIN_SECONDS = 2.0

Answer = Callable[["Offers | BottegaError", str], None]
"""Told the offers or why there are none, and the server's address where it is known."""


class OfferSeeker:
    """A thread of its own; `answer` is called on it."""

    def __init__(self, program: str, answer: Answer) -> None:
        self._program = program
        self._answer = answer
        self._over = threading.Event()
        self._folder = Path(Gimp.directory())
        threading.Thread(target=self._seek, name="bottega offers", daemon=True).start()

    def end(self) -> None:
        """Ask no more; nothing is answered after this returns on the UI thread."""
        self._over.set()

    def _seek(self) -> None:
        while not self._over.is_set():
            url = ""
            try:
                address = server_address(self._folder)
                url = address.url
                client = Client(address, self._program)
                try:
                    client.connect()
                    self._answer(client.offers(), url)
                finally:
                    client.close()
            except BottegaError as error:
                self._answer(error, url)
            else:
                return
            self._over.wait(AGAIN_SECONDS)
