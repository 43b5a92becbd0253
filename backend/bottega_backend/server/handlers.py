"""What is done with each message: a table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from bottega_backend.offers.quote import plan
from bottega_backend.offers.table import SAMPLERS, offers
from bottega_backend.store.journal import Search
from bottega_protocol.codec import Chunk
from bottega_protocol.errors import BadProof, BottegaError, NotAllowedNow, ProtocolError, TooLarge
from bottega_protocol.handshake import Redeem, Redeemed
from bottega_protocol.messages import (
    Acknowledge,
    Announce,
    AskOffers,
    AskPicture,
    AskQuote,
    AskResults,
    Cancel,
    Declined,
    Fault,
    Fetch,
    Follow,
    Offers,
    Quote,
    Results,
    Stopped,
    Stored,
    Submit,
)
from bottega_protocol.schema import Record
from bottega_protocol.session import Event

from . import metrics, orders, pictures
from .house import House
from .permissions import ARTISTS, EVERY_VISIT, INVITED, Rule, table
from .visit import Visit

Handler = Callable[[House, Visit, Any], Awaitable[None]]


async def handle(house: House, visit: Visit, event: Event) -> None:
    """Do what a message asks for, or say why not. Raises ProtocolError where that ends it all."""
    rule = HANDLERS.get(type(event))
    if rule is None or not rule.allows(visit.permissions):
        raise NotAllowedNow("this is not for you to ask")
    try:
        await rule.handler(house, visit, event)
    except ProtocolError:
        raise
    except BottegaError as error:
        metrics.REFUSED.labels(error.code).inc()
        visit.outbox.send(answer(event, error))
    visit.outbox.wake()


def answer(event: Event, error: BottegaError) -> Record:
    """The message that carries an error, in the words of the message that led to it."""
    why = (error.code, error.message[:2000], error.remedy[:2000])
    if isinstance(event, (Redeem, AskOffers, AskQuote, AskResults, AskPicture)):
        return Declined(event.request, *why)
    if isinstance(event, (Submit, Follow, Cancel, Acknowledge)):
        return orders.refused(event.job, error)
    if isinstance(event, (Announce, Fetch, Chunk, Stored, Stopped)):
        return Stopped(event.transfer, *why)
    return Fault(*why)


async def redeem(house: House, visit: Visit, message: Redeem) -> None:
    """Give a token for an invitation, once; the server keeps what checks it only."""
    hello = visit.session.hello
    program = hello.program if hello else ""
    given = await house.roster.redeem(visit.account, program)
    if given is None:
        raise BadProof("the invitation is used or too old", "Ask for a new one.")
    visit.outbox.send(Redeemed(message.request, *given))


async def ask_offers(house: House, visit: Visit, message: AskOffers) -> None:
    """What can be asked."""
    capabilities, models = offers(house.catalog)
    visit.outbox.send(Offers(message.request, capabilities, models[:64], SAMPLERS))


async def ask_quote(house: House, visit: Visit, message: AskQuote) -> None:
    """What has to be read for a selection, and how long it would wait."""
    planned = plan(message, house.catalog)
    place = house.stage.expects(visit.account, planned.model)
    quoted = replace(planned, ahead=place.ahead, wait=place.wait)
    visit.outbox.send(Quote(message.request, quoted))


async def ask_results(house: House, visit: Visit, message: AskResults) -> None:
    """A page of kept jobs: fewer than asked for where they would not fit one message."""
    which = Search(tuple(message.search.split()), message.document)
    page = house.store.journal.page
    jobs = await house.store.call(page, visit.account, message.skip, message.most, which)
    while not _fits(visit, Results(message.request, jobs)):
        jobs = jobs[: len(jobs) // 2]


def _fits(visit: Visit, results: Results) -> bool:
    try:
        visit.outbox.send(results)
    except TooLarge:
        return False
    return True


async def announce(house: House, visit: Visit, message: Announce) -> None:
    """Let a blob come."""
    if await visit.transfers.announce(message):
        await orders.arrived(house, visit, message.sha256)


async def chunk(house: House, visit: Visit, piece: Chunk) -> None:
    """Put a piece of a blob away."""
    sha256 = await visit.transfers.take(piece)
    if sha256 is not None:
        await orders.arrived(house, visit, sha256)


async def fetch(_: House, visit: Visit, message: Fetch) -> None:
    """Send a blob."""
    await visit.transfers.fetch(message)


async def stored(_: House, visit: Visit, message: Stored) -> None:
    """A blob has reached the other end."""
    await visit.transfers.stored(message)


async def stopped(_: House, visit: Visit, message: Stopped) -> None:
    """The other end does not want the rest."""
    await visit.transfers.stopped(message)


async def fault(_: House, visit: Visit, message: Fault) -> None:
    """The other end has hung up; its session is closed."""


HANDLERS: Mapping[type, Rule[Handler]] = table(
    {
        Redeem: Rule(INVITED, redeem),
        AskOffers: Rule(ARTISTS, ask_offers),
        AskQuote: Rule(ARTISTS, ask_quote),
        AskResults: Rule(ARTISTS, ask_results),
        AskPicture: Rule(ARTISTS, pictures.ask_picture),
        Submit: Rule(ARTISTS, orders.submit),
        Follow: Rule(ARTISTS, orders.follow),
        Cancel: Rule(ARTISTS, orders.cancel),
        Acknowledge: Rule(ARTISTS, orders.acknowledge),
        Announce: Rule(ARTISTS, announce),
        Chunk: Rule(ARTISTS, chunk),
        Fetch: Rule(ARTISTS, fetch),
        Stored: Rule(ARTISTS, stored),
        Stopped: Rule(ARTISTS, stopped),
        Fault: Rule(EVERY_VISIT, fault),
    }
)
"""Every message of a client that is no part of the handshake and none of the session's own."""
