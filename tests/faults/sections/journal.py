"""The journal on files that forget: what was said to be written is there after a power cut."""

from __future__ import annotations

import copy
import itertools
import random
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

import apsw
from fakes.forgetful_files import Recorder
from fakes.orders import Order
from faults.given import Figures, Given

from bottega_backend.store.journal import Answer, Journal
from bottega_protocol.messages import Cancelled, Failed, Finished, Submit
from bottega_protocol.regions import Size
from bottega_protocol.results import Layer, Recipe, Result, Timings

JOBS = 60
REFUSED_JOBS = 8
REFUSALS = (apsw.FullError, apsw.IOError, apsw.ReadOnlyError)
WAYS = ("safe", "dice", "all")
CHECKPOINT_PAGES = 12
"""So that the database itself is written often, not only the log before it."""


T = TypeVar("T")
Survivors = Callable[[Path, str, random.Random], None]
"""Writes into a folder what a power cut left."""


@dataclass
class Told:
    """What the journal has said, and what it was about to say when it was cut."""

    accepted: dict[bytes, Submit] = field(default_factory=dict)
    ended: dict[bytes, Answer] = field(default_factory=dict)
    forgotten: set[bytes] = field(default_factory=set)


def run(given: Given) -> Figures:
    """Look at what a power cut would leave before every write and sync of a stream of jobs."""
    counts: Counter[str] = Counter()
    broken: list[str] = []
    told = Told()

    def look(recorder: Recorder, verb: str) -> None:
        counts[f"power cuts before a {verb}"] += 1
        # Before a sync everything is loose; within a stretch of writes one way tells enough.
        for how in WAYS if verb == "sync" else WAYS[1:2]:
            dice = given.random(sum(counts.values()), how)
            found = left(given.folder / "image", recorder.survivors, how, told, dice)
            counts["databases looked at afterwards"] += 1
            counts["jobs that had to be there"] += len(told.accepted)
            broken.extend(f"{each} ({how}, before a {verb})" for each in found)

    levels = play(given.folder / "journal", given.count(JOBS, 6), told, look)
    broken += _refusals(given, given.count(REFUSED_JOBS, 2), counts)
    counts["PRAGMA synchronous, read back (2 = FULL)"] = levels
    if levels != 2:
        broken.append(f"PRAGMA synchronous reads {levels}")
    return Figures(dict(counts), tuple(broken[:20]))


def play(folder: Path, jobs: int, told: Told, look, *, forgets=False, kept=None) -> int:  # type: ignore[no-untyped-def]
    """Accept, begin, requeue, end, acknowledge and forget; gives the level of syncing.

    The files, as they are before the journal is closed, go to `kept`.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    recorder = Recorder()
    recorder.forgets_syncs = forgets
    recorder.before = partial(look, recorder)
    journal = insist(lambda: Journal(folder / "bottega.sqlite3", connect=recorder.connect))
    # A checkpoint that is refused is no refusal of the commit before it, but apsw raises it.
    pages = CHECKPOINT_PAGES if kept is None else 2**30
    journal._base.execute(f"PRAGMA wal_autocheckpoint = {pages}")
    for number in range(jobs):
        _one(journal, number, told)
    (level,) = journal._base.execute("PRAGMA synchronous").fetchone()
    if kept is not None:
        recorder.before = lambda _: None
        kept.append(partial(recorder.survivors, files=copy.deepcopy(recorder.files)))
    journal.close()
    recorder.unregister()
    return int(level)


def insist(work: Callable[[], T]) -> T:
    """As the server does: once more where the disk refused."""
    try:
        return work()
    except apsw.Error:
        return work()


def _one(journal: Journal, number: int, told: Told) -> None:
    order = Order(f"job {number}", document="paper/1")
    kept = insist(lambda: journal.accept("local", order.submit, 1000))
    told.accepted[order.job] = order.submit
    attempt = insist(lambda: journal.begin(kept.number))
    if number % 3 == 0:
        insist(lambda: journal.requeue(kept.number, 1))
        attempt = insist(lambda: journal.begin(kept.number))
    answer = ANSWERS[number % len(ANSWERS)](order)
    if answer is None:
        return
    insist(lambda: journal.end(kept.number, attempt, answer))
    told.ended[order.job] = answer
    insist(lambda: journal.acknowledge("local", order.job))
    if number % 7 == 3:
        told.forgotten.add(order.job)
        insist(lambda: journal.forget([kept.number]))


def _refusals(given: Given, jobs: int, counts: Counter[str]) -> list[str]:
    """Each write and sync is refused once; then the power goes: what was told is there."""
    found = []
    for refused in itertools.count(1):
        verbs, told = itertools.count(1), Told()

        def look(_: Recorder, verb: str, verbs=verbs, refused=refused) -> None:  # type: ignore[no-untyped-def]
            if next(verbs) == refused and verb != "remove":  # of which SQLite asks nothing
                raise REFUSALS[refused % len(REFUSALS)](f"injected before a {verb}")

        survivors: list[Survivors] = []
        play(given.folder / "refused", jobs, told, look, kept=survivors)
        if next(verbs) <= refused:
            return found
        counts["writes and syncs refused once"] += 1
        dice = given.random("refused", refused)
        for how in ("safe", "dice"):
            wrong = left(given.folder / "image", survivors[0], how, told, dice)
            found += [f"{each} ({how}, verb {refused} refused)" for each in wrong]
    return found


def _finished(order: Order) -> Finished:
    request = order.submit.request
    layer = Layer("layer", request.rectangle, request.pixels, request.mask)
    recipe = Recipe("fill", "m", "M", "Euler", 4, 1.0, 1.0, 0, "", "", Size(8, 8))
    return Finished(order.job, Result((layer,), recipe), Timings(queue=1.5))


ANSWERS = (
    _finished,
    lambda order: Failed(order.job, "x", "y"),
    lambda order: Cancelled(order.job),
    lambda _: None,
    _finished,
)


def left(
    folder: Path, survivors: Survivors, how: str, told: Told, dice: random.Random
) -> list[str]:
    """What is wrong with what the power cut left, in sentences."""
    shutil.rmtree(folder, ignore_errors=True)
    survivors(folder, how, dice)
    file = folder / "bottega.sqlite3"
    with closing(sqlite3.connect(file)) as base:
        (whole,) = base.execute("PRAGMA integrity_check").fetchone()
    if whole != "ok":
        return [f"the database is broken: {whole}"]
    journal = Journal(file)
    try:
        return _missing(journal, told)
    finally:
        journal.close()


def _missing(journal: Journal, told: Told) -> list[str]:
    found = []
    for job, submit in told.accepted.items():
        kept = journal.find("local", job)
        if kept is None and job in told.forgotten:
            continue
        if kept is None or kept.submit != submit:
            found.append("an accepted job is lost")
        elif job in told.ended and kept.answer != told.ended[job]:
            found.append("a terminal record is lost")
    return found
