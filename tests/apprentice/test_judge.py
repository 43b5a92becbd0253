"""The judge: how often it is right where the truth is known, and that it can say no."""

from dataclasses import replace

import numpy as np

from bottega_backend.apprentice.judge import accuracy, look, right, shares
from bottega_backend.apprentice.world.render import render
from bottega_backend.apprentice.world.scene import Light, draw_scene


def scenes(count, **options):
    """Scenes with one thing, the same every time."""
    chance = np.random.default_rng(7)
    return [draw_scene(chance, 1, held_out=None, **options) for _ in range(count)]


def test_the_judge_is_right_about_rendered_scenes():
    """Its own accuracy is the roof over every figure that it gives."""
    told = accuracy(scenes(120), 128)
    assert told["sky"] == told["ground"] == 1
    assert told["colour"] >= 0.98
    assert told["kind"] >= 0.94
    assert told["light"] >= 0.95


def test_the_judge_sees_what_is_wrong():
    """Pictures of other scenes are right about as often as chance has it."""
    asked = scenes(120)
    painted = [render(scene, 128) for scene in [*asked[1:], asked[0]]]
    told = shares(
        right(look(picture, scene), scene) for picture, scene in zip(painted, asked, strict=True)
    )
    assert told["sky"] < 0.5
    assert told["ground"] < 0.5
    assert told["colour"] < 0.3
    assert told["kind"] < 0.3
    assert told["light"] < 0.75


def test_nothing_is_no_thing():
    """Hardly any empty scene seems to hold something; then kind and light are not told either."""
    seen = [look(render(replace(scene, things=()), 128), scene) for scene in scenes(60)]
    nothing = [each for each in seen if each.colour is None]
    assert len(nothing) >= 57
    assert {(each.kind, each.light) for each in nothing} == {(None, None)}


def test_relit_things_are_judged_by_their_light():
    """The same thing, lit from both sides."""
    for scene in scenes(20):
        for angle, side in ((170, "left"), (10, "right")):
            lit = scene.lit(Light(angle))
            assert lit.light.side == side
    told = accuracy([scene.lit(Light(170)) for scene in scenes(60)], 128)
    assert told["light"] >= 0.95
