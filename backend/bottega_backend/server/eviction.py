"""What follows when the list of artists has changed: who may not stay goes, jobs and all."""

from __future__ import annotations

from bottega_backend.errors import Revoked
from bottega_backend.store.artists import Known
from bottega_protocol.errors import BadProof

from .house import House
from .permissions import Permission


def enforce(house: House, known: Known) -> None:
    """Let come in who is known now; cut off who is not any more, and stop the jobs.

    Results that are kept stay: they age as all do, or are erased with the artist.
    """
    house.access.learn(known)
    for visit in house.audience.everyone():
        # An invitation is gone once it is redeemed; its visit may do nothing more anyway.
        if Permission.ARTIST in visit.permissions and not _stays(house, visit.session.account):
            visit.cut(
                Revoked(
                    "Your access to this server was taken back.",
                    "Ask whoever runs it for a new invitation.",
                )
            )
    for account in house.stage.accounts():
        if not house.access.welcome(account):
            house.stage.withdraw(account)


def _stays(house: House, login: str) -> bool:
    try:
        house.access.account_of(login)
    except BadProof:
        return False
    return True
