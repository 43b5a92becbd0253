"""Who has the device for how long: weights, live previews, and what is told of it."""

from collections import Counter
from dataclasses import replace

import pytest
import torch
from engine.paint import Asked, run, task

from bottega_backend.engine.device import Device, choose_device
from bottega_backend.engine.engine import Engine

ONE, TWO = ((number).to_bytes(16, "big") for number in (1, 2))
APART = {1: 64, 2: 72}
"""Sides of pictures whose forwards can't be merged."""


class Paced(Device):
    """A device whose forwards take a fifth of a second each, on a clock of its own."""

    seconds = 0.0

    def wait(self):
        Paced.seconds += 0.2


def now():
    """What the paced device's clock shows."""
    return Paced.seconds


def steps_of(forwards, count=None):
    """How many steps each job had among the first of the forwards."""
    steps = [jobs for phase, jobs in forwards if phase == "denoising"]
    return Counter(job for jobs in steps[:count] for job in jobs)


def play(change=None, **fields):
    """Two jobs whose forwards can't be merged; `change` is called after 8 of their steps."""
    forwards = []
    device = Paced(torch.device("cpu"), torch.float32, "paced")
    worker = Engine(device, watch=lambda *seen: forwards.append(seen), now=now)
    for number, side in APART.items():
        worker.add(replace(task(number, Asked(steps=24, side=side)), **fields.get(str(number), {})))
    while sum(steps_of(forwards).values()) < 8:
        worker.advance(1e-9)
    if change:
        change(worker)
    return worker, forwards


def test_two_jobs_take_turns():
    """Step by step, where they can't share them."""
    worker, forwards = play()
    run(worker)
    worker.close()
    shares = steps_of(forwards, 24)
    assert abs(shares[ONE] - shares[TWO]) <= 2


def test_a_weight_counts_from_when_it_is_told():
    """Three quarters from then on, for who was at a half."""
    worker, forwards = play(lambda worker: worker.weigh(TWO, 3.0))
    before = steps_of(forwards)
    while sum(steps_of(forwards).values()) < 24:
        worker.advance(1e-9)
    after = steps_of(forwards) - before
    worker.close()
    assert after[TWO] == pytest.approx(3 * after[ONE], abs=3)


def test_a_live_preview_is_first_and_no_more_than_half():
    """It came second; then they share every second, though it would go before."""
    worker, forwards = play(**{"2": {"live": True}})
    first = next(jobs for phase, jobs in forwards if phase == "denoising")
    run(worker)
    worker.close()
    assert first == (TWO,)
    assert abs(steps_of(forwards, 24)[ONE] - 12) <= 4


def test_every_second_is_somebodys_and_told_before_it_passes():
    """What each job spent adds up; the jobs of a piece of work are named before it begins."""
    warned, spent = [], Counter()
    worker = Engine(choose_device("cpu"), warn=warned.append)
    for number, side in APART.items():
        worker.add(task(number, Asked(steps=3, side=side)))
    busy = True
    while busy:
        told = worker.advance(0.05)
        spent.update(dict(told.spent))
        busy = told.busy
    worker.close()
    assert set(spent) == {ONE, TWO}
    assert min(spent.values()) > 0
    assert warned[0] == (ONE,), "the first loads the model"
    assert {ONE, TWO} == {job for jobs in warned for job in jobs}
