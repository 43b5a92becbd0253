"""Taking orders: a job is checked, its blobs gathered, the journal written, then it is accepted."""

from __future__ import annotations

import asyncio
import logging

from bottega_backend.offers.table import admit
from bottega_backend.offers.variations import each_alone
from bottega_backend.store.journal import KeptJob
from bottega_protocol.codec import MOST_CONTROL, encode_message
from bottega_protocol.errors import BottegaError, Refusal
from bottega_protocol.images import MASK
from bottega_protocol.messages import (
    CLIENT_MESSAGES,
    Accepted,
    Acknowledge,
    Cancel,
    Cancelled,
    Follow,
    Need,
    Refused,
    Submit,
)
from bottega_protocol.requests import AnyRequest, GenerateRequest, capability_of
from bottega_protocol.version import VERSIONS

from . import metrics
from .house import House
from .transfers import MARGIN
from .visit import Pending, Visit

log = logging.getLogger(__name__)

MOST_PENDING = 32
"""Jobs of one connection that wait for their blobs."""

MOST_SUBMIT = MOST_CONTROL - 7 * 1024
"""The answer repeats the prompts and adds a recipe: it must fit a control frame too."""

LAYER_BYTES = 1024
"""Bytes of a variation's layer in the answer."""

LEAST_PIXEL_BYTES = 8
"""Bytes of a result's pixel that are reserved at least: RGBA of 16 bits."""


async def submit(house: House, visit: Visit, message: Submit) -> None:
    """Accept a job, or say which blobs it needs first; a repeated one is told where it stands."""
    kept = await house.store.call(house.store.journal.find, visit.account, message.job)
    if kept is not None:
        _compare(kept.submit, message)
        visit.outbox.send(Accepted(message.job))
        _tie(house, visit, message, kept)
        await stand(house, visit, kept)
        return
    pending = visit.pending.get(message.job)
    if pending is not None:
        _compare(pending.submit, message)
    _check(house, visit, message)
    if message.live:
        _supersede(house, visit, message)
    missing = await house.store.call(_look, house, visit.account, message.request)
    if missing:
        visit.pending[message.job] = Pending(message, set(missing))
        visit.outbox.send(Need(message.job, missing))
    else:
        await _accept(house, visit, message)


def _compare(before: Submit, now: Submit) -> None:
    if (before.request, before.document) != (now.request, now.document):
        raise Refusal("conflict", "Another job has this id.", "Submit it under a new id.")


def _supersede(house: House, visit: Visit, newest: Submit) -> None:
    """Of a document's live previews that have not begun only the newest is wanted."""
    for job, pending in list(visit.pending.items()):
        older = pending.submit
        if job != newest.job and older.live and older.document == newest.document:
            del visit.pending[job]
            visit.outbox.send(Cancelled(job))
    house.stage.supersede(visit.account, newest.document)


def _check(house: House, visit: Visit, message: Submit) -> None:
    """Raise Refusal for what can't be done, before any pixel is sent."""
    admit(message.request, house.catalog)
    most = MOST_SUBMIT - message.request.count * LAYER_BYTES
    if len(encode_message(message, CLIENT_MESSAGES, VERSIONS[-1])) > most:
        raise Refusal("prompt-too-long", "The prompts are too long together.", "Shorten them.")
    others = [job for job in visit.pending if job != message.job]
    if len(others) >= MOST_PENDING:
        raise Refusal("busy", "Too many jobs wait for their pixels.", "Wait for some, or cancel.")
    unfinished = house.stage.count(visit.account)
    house.bounds.check_job(visit.account, message.request, unfinished)


def _look(house: House, account: str, request: AnyRequest) -> tuple[bytes, ...]:
    """What has to be looked up on the disk, on the store thread: wildcards and blobs.

    The worker resolves the prompts by itself; here they are only tried.
    """
    each_alone(request, house.wildcards.lines)
    return _missing(house, account, request)


def _missing(house: House, account: str, request: AnyRequest) -> tuple[bytes, ...]:
    """The hashes that this account's store lacks; raises Refusal for a blob of another size."""
    images = {image.sha256: image for image in request.images()}
    sizes = {sha256: house.store.blobs.size(account, sha256) for sha256 in images}
    if any(size not in (None, images[sha256].byte_count) for sha256, size in sizes.items()):
        raise Refusal("wrong-size", "The pixels' bytes do not fill their size.", "Send them anew.")
    for sha256 in images:
        house.store.blobs.used(account, sha256)
    return tuple(sha256 for sha256, size in sizes.items() if size is None)


async def arrived(house: House, visit: Visit, sha256: bytes) -> None:
    """A blob is safe: jobs that waited for nothing else are accepted."""
    for job, pending in list(visit.pending.items()):
        pending.missing.discard(sha256)
        if pending.missing:
            continue
        del visit.pending[job]
        try:
            await submit(house, visit, pending.submit)
        except BottegaError as error:
            visit.outbox.send(refused(job, error))


def refused(job: bytes, error: BottegaError) -> Refused:
    """The answer that carries an error about a job."""
    return Refused(job, error.code, error.message[:2000], error.remedy[:2000])


async def _accept(house: House, visit: Visit, message: Submit) -> None:
    # The connection may break at any moment; a job that is committed must be admitted too.
    await asyncio.shield(house.stage.background(_commit(house, visit, message)))


async def _commit(house: House, visit: Visit, message: Submit) -> None:
    kept = await house.store.call(_write_down, house, visit.account, message)
    _compare(kept.submit, message)
    metrics.ACCEPTED.inc()
    _log(kept, prompts=house.log_prompts)
    visit.outbox.send(Accepted(message.job))
    if kept.answer is None:
        house.stage.admit(kept)
    _tie(house, visit, message, kept)
    await stand(house, visit, kept)


def _log(kept: KeptJob, *, prompts: bool) -> None:
    """What was accepted; the words of it only where the server was told to log them."""
    asked = kept.submit.request
    size = f"{asked.rectangle.width}x{asked.rectangle.height}"
    told = f"{capability_of(asked)}, {size}, {asked.count} of them"
    words = f": {asked.prompt!r}" if prompts else ""
    about = {"job": kept.number, "id": kept.submit.job.hex()}
    log.info("job %s accepted: %s%s", kept.number, told, words, extra=about)


def _tie(house: House, visit: Visit, message: Submit, kept: KeptJob) -> None:
    """A job that ends with its client ends with the last line on which it was submitted."""
    live = house.stage.find(kept.number)
    if live is None or (message.on_vanish != "cancel" and not message.live):
        return
    visit.tied.add(kept.number)
    if visit.gone:
        house.stage.cancel(live)


def _write_down(house: House, account: str, message: Submit) -> KeptJob:
    """On the store thread: reserve the room for the result and commit."""
    held = house.store.held(account, house.bounds.kept(account))
    house.bounds.check_kept(account, held)
    reserve = result_bytes(message.request)
    if house.store.room(reserve + MARGIN) < reserve + MARGIN:
        raise Refusal("no-room", "The server's disk has no room for it.", "Free some space there.")
    house.store.holdings.coming(account, jobs=1, size=reserve)
    return house.store.journal.accept(account, message, reserve)


def result_bytes(request: AnyRequest) -> int:
    """Bytes on disk that the result may need: pixels for each variation, and a mask."""
    layout = request.layout if isinstance(request, GenerateRequest) else request.pixels.layout
    each = max(layout.pixel_bytes, LEAST_PIXEL_BYTES)
    return request.rectangle.size.area * (request.count * each + MASK.pixel_bytes)


async def stand(house: House, visit: Visit, kept: KeptJob) -> None:
    """Tell where a job stands, and from here on what happens to it."""
    house.audience.follow(kept.number, visit)
    live = house.stage.find(kept.number)
    if live is not None:
        visit.outbox.send(house.stage.standing(live))
        return
    house.audience.leave(kept.number, visit)
    if kept.answer is None:  # it ended between the journal's answer and now
        kept = await known(house, visit, kept.submit.job)
    if kept.answer is not None:
        visit.outbox.send(kept.answer)


async def known(house: House, visit: Visit, job: bytes) -> KeptJob:
    """A job of this account; a foreign one and none at all are refused alike."""
    kept = await house.store.call(house.store.journal.find, visit.account, job)
    if kept is None:
        raise _unknown()
    return kept


def _unknown() -> Refusal:
    return Refusal("unknown-job", "There is no such job.", "It may be too old to be kept.")


async def follow(house: House, visit: Visit, message: Follow) -> None:
    """Tell where a job stands."""
    await stand(house, visit, await known(house, visit, message.job))


async def cancel(house: House, visit: Visit, message: Cancel) -> None:
    """Stop a job; one that has ended is told again how."""
    pending = visit.pending.pop(message.job, None)
    kept = await house.store.call(house.store.journal.find, visit.account, message.job)
    if kept is None:  # another connection may have sent what this one still owes
        if pending is None:
            raise _unknown()
        visit.outbox.send(Cancelled(message.job))
        return
    live = house.stage.find(kept.number)
    if live is None:
        await stand(house, visit, kept)
    else:
        house.audience.follow(kept.number, visit)
        house.stage.cancel(live)


async def acknowledge(house: House, visit: Visit, message: Acknowledge) -> None:
    """The result is placed."""
    journal = house.store.journal
    if not await house.store.call(journal.acknowledge, visit.account, message.job):
        raise _unknown()
