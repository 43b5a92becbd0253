"""From a pasted invitation to an address that lets in from now on."""

from __future__ import annotations

import queue

from bottega_protocol.errors import BadProof, BottegaError
from bottega_protocol.handshake import Redeem, Redeemed
from bottega_protocol.invitation import looks_like_invitation, read_invitation

from .launch import Address
from .transport import Disconnected, Transport

__all__ = ["InvitationRefused", "looks_like_invitation", "redeem"]

ANSWER_SECONDS = 10.0


class InvitationRefused(BottegaError):
    """The server takes it no more, or never did: it does not tell which."""

    code = "invitation-refused"


def redeem(text: str, program: str) -> Address:
    """The address with a token of one's own that an invitation is good for, once.

    `text` is the link or text as pasted, `program` what the server notes beside the token.
    The server's certificate is checked before anything is sent. Blocks: never on an editor's UI
    thread. Raises BadInvitation for a text that is none, InvitationRefused,
    NoServer, WrongCertificate, CertificateExpired.
    """
    invitation = read_invitation(text)
    pin = invitation.certificate.hex()
    answers: queue.Queue[object] = queue.Queue()
    transport = Transport(
        Address(invitation.url, invitation.token, invitation.account, pin),
        program,
        answers.put,
        lambda _, error: answers.put(error),
    )
    answer = _answer(transport, answers)
    if isinstance(answer, Redeemed):
        return Address(invitation.url, answer.token, answer.account, pin)
    if isinstance(answer, BottegaError) and answer.code != BadProof.code:
        raise answer
    raise InvitationRefused(
        "The server does not take this invitation: it was used, or is older than ten minutes.",
        "Ask for a new one.",
    )


def _answer(transport: Transport, answers: queue.Queue[object]) -> object:
    """What became of it: Redeemed, or an error."""
    try:
        transport.open()
    except BottegaError as error:
        return error
    try:
        transport.send(Redeem(1))
        return answers.get(timeout=ANSWER_SECONDS)
    except queue.Empty:
        return Disconnected("The server did not answer.", "Try again.")
    except BottegaError as error:
        return error
    finally:
        transport.close()
