"""The painted world: seeded, true in every caption, and its truth fits its pictures."""

import numpy as np
import pytest

from bottega_backend.apprentice.world import truth
from bottega_backend.apprentice.world.canvas import FIRST_THING, GROUND, SKY, View
from bottega_backend.apprentice.world.captions import (
    RELATIONS,
    draw_caption,
    thing_caption,
    vocabulary,
    whole_caption,
)
from bottega_backend.apprentice.world.palette import COLOURS, KINDS, PLACES, RIDGES, SKIES
from bottega_backend.apprentice.world.render import lay_out, render, shade
from bottega_backend.apprentice.world.scene import Light, Thing, draw_scene, is_held_out
from bottega_backend.apprentice.world.shapes import SHAPES


def scenes(number, seed=3, **options):
    """So many scenes, the same every time."""
    chance = np.random.default_rng(seed)
    return [draw_scene(chance, **options) for _ in range(number)]


def test_the_same_seed_is_the_same_picture():
    """Also on another day: nothing but the scene decides."""
    first, again, other = scenes(1)[0], scenes(1)[0], scenes(1, seed=4)[0]
    assert first == again
    assert np.array_equal(render(first, 96), render(again, 96))
    assert not np.array_equal(render(first, 96), render(other, 96))


def test_every_kind_has_a_shape():
    """The table of shapes and the world's words are the same."""
    assert tuple(SHAPES) == KINDS


def test_every_kind_is_seen_where_it_should_stand():
    """Each covers some, and not most, of the picture, around its own centre."""
    for kind in KINDS:
        scene = next(each for each in scenes(200, count=1) if each.things[0].kind == kind)
        mask = truth.thing_mask(lay_out(scene, View(128, 128)).canvas, 0)
        columns = np.nonzero(mask)[1] / 128
        assert 0.008 < mask.mean() < 0.35, kind
        assert abs(columns.mean() - scene.things[0].x) < 0.08, kind


def test_held_out_combinations_never_appear_in_training():
    """A tenth or so of them, with every colour, kind and place among them."""
    for scene in scenes(300):
        assert not any(is_held_out(thing) for thing in scene.things)
    for scene in scenes(100, held_out=True, count=1):
        assert is_held_out(scene.things[0])
    kept = [
        (colour, kind, place)
        for colour in COLOURS
        for kind in KINDS
        for place in PLACES
        if is_held_out(Thing(kind, colour, place, "normal", 0.5, 0.5, 0.1, 0.0))
    ]
    assert 0.06 < len(kept) / (len(COLOURS) * len(KINDS) * len(PLACES)) < 0.14
    assert {len({one[axis] for one in kept}) for axis in (0, 1, 2)} == {8, 3}


def test_captions_are_true_and_of_the_vocabulary():
    """What is said of colour, kind and place is so; words are the world's own."""
    chance, words = np.random.default_rng(0), vocabulary()
    for scene in scenes(300):
        said = draw_caption(scene, chance)
        assert set(said.replace(",", "").split()) <= words
        for thing in scene.things:
            assert thing.colour in said
        of_things = said.split(",")[0].split()
        assert set(of_things) & set(COLOURS) <= {thing.colour for thing in scene.things}
    assert whole_caption(scenes(1)[0]).count(",") >= 3
    assert thing_caption(scenes(1)[0].things[0]).startswith("a")


def test_relations_in_captions_are_true():
    """Left of, right of, in front of and behind hold for the two things that they join."""
    chance, met, places = np.random.default_rng(1), set(), list(PLACES)
    for scene in scenes(400, count=2):
        said = draw_caption(scene, chance).split(",")[0]
        relation = next((each for each in RELATIONS if each in said), None)
        if relation is None or len({thing.colour for thing in scene.things}) < 2:
            continue
        met.add(relation)
        first, second = scene.things
        if first.colour not in said.split(relation)[0]:
            first, second = second, first
        beside = places.index(first.place) - places.index(second.place)
        holds = (beside < 0, beside > 0, first.depth > second.depth, first.depth < second.depth)
        assert dict(zip(RELATIONS, holds, strict=True))[relation], said
    assert met == set(RELATIONS)


def test_the_lit_side_is_brighter():
    """The same scene under light from the left and the right, on the thing's own pixels."""
    ball = next(each for each in scenes(200, count=1) if each.things[0].kind == "ball")
    layout = lay_out(ball, View(128, 128))
    mask = truth.thing_mask(layout.canvas, 0)
    columns = np.nonzero(mask)[1]
    left = columns < columns.mean()

    def ratio(angle):
        bright = shade(layout, Light(angle))[mask].mean(axis=1)
        return bright[left].mean() / bright[~left].mean()

    assert ratio(180) > 1.2
    assert ratio(0) < 1 / 1.2
    assert np.isclose(ratio(90), 1, atol=0.06)


def test_light_changes_nothing_but_light():
    """Owner, depth and normals are of the layout; another light has the same ones."""
    scene = scenes(1)[0]
    layout, other = lay_out(scene, View(96, 96)), lay_out(scene.lit(Light(180)), View(96, 96))
    assert np.array_equal(layout.canvas.owner, other.canvas.owner)
    assert np.array_equal(layout.canvas.albedo, other.canvas.albedo)
    assert not np.array_equal(shade(layout), shade(other))


@pytest.mark.parametrize("angle", range(0, 360, 30))
def test_a_lights_direction_is_a_unit_vector_towards_it(angle):
    """0 degrees is right, 90 above."""
    direction = Light(angle).direction
    assert np.isclose(np.linalg.norm(direction), 1, atol=1e-6)
    assert np.isclose(np.degrees(np.arctan2(direction[1], direction[0])) % 360, angle, atol=1e-3)


def test_a_wider_view_continues_the_same_world():
    """The middle of a wide picture is the square one: what expand has to find is known."""
    for scene in scenes(10):
        square = shade(lay_out(scene, View(64, 64)))
        wide = shade(lay_out(scene, View(64, 128, left=-0.5, width=2.0)))
        assert np.abs(wide[:, 32:96].astype(int) - square).max() <= 2


def test_depth_and_owners_go_together():
    """Sky is farthest, ground comes nearer downwards, things stand before the ground they hide."""
    for scene in scenes(20, count=1):
        canvas = lay_out(scene, View(96, 96)).canvas
        assert (canvas.depth[canvas.owner == SKY] == 0).all()
        ground = np.where(canvas.owner == GROUND, canvas.depth, np.nan)
        rows = np.nanmean(ground[-20:], axis=1)
        assert (np.diff(rows) > 0).all()
        thing = canvas.depth[canvas.owner == FIRST_THING]
        assert 0 < thing.min() <= thing.max() < 1


def test_normals_are_unit_vectors():
    """Everywhere, the sky included."""
    canvas = lay_out(scenes(1)[0], View(64, 64)).canvas
    assert np.allclose(np.linalg.norm(truth.normals(canvas), axis=-1), 1, atol=1e-4)


def test_edges_surround_things():
    """Most of a thing's border pixels are edges, few pixels of the picture are."""
    scene = scenes(1, count=1)[0]
    canvas = lay_out(scene, View(128, 128)).canvas
    edges, mask = truth.edges(canvas), truth.thing_mask(canvas, 0)
    border = mask & ~np.roll(mask, 1, axis=0)
    assert edges[border].mean() > 0.9
    assert edges.mean() < 0.15


def test_all_skies_and_ridges_are_drawn():
    """The chances of the world leave nothing out."""
    drawn = scenes(200)
    assert {scene.sky for scene in drawn} == set(SKIES)
    assert {scene.ridge for scene in drawn} == {None, *RIDGES}
