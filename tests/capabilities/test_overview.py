"""While a part is painted the whole picture is shown, and the steps of all passes are counted."""

import torch

from bottega_backend.capabilities.overview import Overview
from bottega_backend.capabilities.resolve import Course
from bottega_backend.engine.stage import Stage, View
from bottega_protocol.regions import Rectangle, Size


class Shown(Stage):
    """A stage that keeps what it is shown."""

    def show(self, latents):
        self.view.shown = latents


def test_a_tile_is_seen_in_its_place_in_the_whole():
    small, large = Size(64, 64), Size(128, 64)
    tiles = (Rectangle(0, 0, 64, 64), Rectangle(64, 0, 64, 64))
    courses = (Course(small, tiles[:1], 3), Course(large, tiles, 2))
    view = View()
    overview = Overview.of(Shown(None, view), courses)
    overview.hear(3, torch.full((1, 4, 8, 8), 1.0), tiles[0], small)
    assert (view.step, view.steps) == (3, 7)
    overview.finish_tile(3)
    overview.skip(2)
    overview.hear(1, torch.full((1, 4, 8, 8), 5.0), tiles[1], large)
    assert (view.step, view.steps) == (6, 7)
    assert view.shown.shape == (1, 4, 8, 16)
    assert (view.shown[..., :8] == 1).all()
    assert (view.shown[..., 8:] == 5).all()


def test_between_its_passes_a_job_goes_on_denoising():
    view = View()
    view.enter("denoising")
    view.step, view.steps = 3, 7
    view.enter("decoding")
    assert view.phase == "denoising"
    view.step = 7
    view.enter("decoding")
    assert view.phase == "decoding"
