"""How much work a request is: what waiting times are told from."""

from dataclasses import replace

import pytest

from bottega_backend.offers.effort import effort
from bottega_backend.shelf.catalog import Catalog
from bottega_protocol.images import MOST_PIXELS, Image, Layout
from bottega_protocol.regions import Rectangle, Size
from bottega_protocol.requests import FillRequest, GenerateRequest


@pytest.fixture(scope="module")
def model():
    return Catalog().default("generate")


def request(side=128, **asked):
    whole = Rectangle(0, 0, side, side)
    about = {"canvas": Size(side, side), "rectangle": whole, "layout": Layout("RGBA", "u8")}
    return GenerateRequest(**about, prompt="a ball", **asked)


def test_twice_the_steps_are_about_twice_the_work(model):
    """And as many times the variations."""
    few, many = (effort(request(steps=steps), model).work for steps in (20, 40))
    assert 1.8 < many / few < 2.0
    assert effort(request(steps=20, count=4), model).work == pytest.approx(4 * few)


def test_guidance_doubles_the_rows(model):
    """One with the prompt, one without."""
    assert effort(request(guidance=1.0, count=3), model).rows == 3
    assert effort(request(guidance=5.0, count=3), model).rows == 6


def filling(**asked):
    whole, canvas = Rectangle(0, 0, 128, 128), Size(128, 128)
    pixels = Image(128, 128, "RGBA", "u8", bytes(32))
    mask = Image(128, 128, "GRAY", "u8", bytes(32), "linear")
    about = {"canvas": canvas, "rectangle": whole, "selection": Rectangle(40, 40, 48, 48)}
    return FillRequest(**about, mask=mask, pixels=pixels, steps=20, **asked)


def test_without_words_nothing_is_guided(model):
    """Which halves the rows; so it does where only a guidance was asked for."""
    assert effort(filling(), model).rows == 1
    assert effort(filling(guidance=5.0), model).rows == 1
    assert effort(filling(negative="grey", guidance=5.0), model).rows == 2


def test_what_begins_from_the_surroundings_is_less_work_with_words_too(model):
    """Steps are left out by what is wanted, not only where nothing was said."""
    works = [
        effort(filling(prompt="a boat", intent=intent), model).work
        for intent in ("remove", "add", "fill")
    ]
    assert works[0] < works[1] < works[2]


def test_large_pictures_are_more_work_and_hold_more_pixels(model):
    """Variations of the largest are painted one after the other."""
    model = replace(model, details=True)
    small, large = (effort(request(side, quality="best"), model) for side in (128, 1024))
    assert large.work > 8 * small.work
    assert small.pixels == 128 * 128
    assert effort(request(8192, count=4), model).pixels == MOST_PIXELS
