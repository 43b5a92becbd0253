"""What people would say of a scene: captions in many words, true in every one of them."""

from __future__ import annotations

from itertools import combinations

from .palette import COLOURS, KINDS, PLACES, RIDGES, SIZES
from .scene import Chance, Scene, Thing

PLACE_WORDS = {
    "left": ("on the left",),
    "middle": ("in the middle",),
    "right": ("on the right",),
}
GROUND_WORDS = {
    "meadow": ("on a meadow", "on green grass"),
    "sand": ("on sand", "on a sandy beach"),
    "snow": ("on snow", "on white snow"),
    "sea": ("on the sea", "on water"),
}
SKY_WORDS = {
    "day": ("a clear day", "a blue sky"),
    "sunset": ("a sunset", "an orange sunset"),
    "night": ("a night sky", "at night"),
    "overcast": ("an overcast sky", "a grey sky"),
}
LIGHT_WORDS = {
    "left": "lit from the left",
    "right": "lit from the right",
    "above": "lit from above",
    "below": "lit from below",
}
KIND_WORDS = {"box": ("box", "cube")}
"""Kinds that go by two names; the others by their own."""

BEFORE = 0.15
"""Difference of depth from which one thing stands in front of another."""


def whole_caption(scene: Scene) -> str:
    """Everything that can be said, in one fixed order: what figures are measured with."""
    things = " and ".join(f"{_named(thing, 0)} {_placed(thing)}" for thing in scene.things)
    parts = [things, GROUND_WORDS[scene.ground][0], scene.ridge or "", SKY_WORDS[scene.sky][0]]
    return ", ".join(part for part in [*parts, LIGHT_WORDS[scene.light.side]] if part)


def thing_caption(thing: Thing) -> str:
    """The thing alone, as an artist says who selected a place for it."""
    return _named(thing, 0)


def empty_caption(scene: Scene) -> str:
    """The scene without its things."""
    parts = (GROUND_WORDS[scene.ground][0], scene.ridge or "", SKY_WORDS[scene.sky][0])
    return ", ".join(part for part in parts if part)


def draw_caption(scene: Scene, chance: Chance) -> str:
    """A caption by chance: things in any order, parts left out or told otherwise."""
    parts = [_things(scene, chance)]
    if chance.random() < 0.80:
        parts.append(_either(GROUND_WORDS[scene.ground], chance))
    if scene.ridge and chance.random() < 0.70:
        parts.append(scene.ridge)
    if chance.random() < 0.85:
        parts.append(_either(SKY_WORDS[scene.sky], chance))
    if chance.random() < 0.75:
        parts.append(LIGHT_WORDS[scene.light.side])
    first, rest = parts[0], parts[1:]
    order = chance.permutation(len(rest))
    return ", ".join([first, *(rest[index] for index in order)])


def vocabulary() -> frozenset[str]:
    """Every word that a caption can hold."""
    tables = (PLACE_WORDS, GROUND_WORDS, SKY_WORDS, KIND_WORDS)
    spoken = [phrase for table in tables for phrases in table.values() for phrase in phrases]
    spoken += [*LIGHT_WORDS.values(), *COLOURS, *KINDS, *RIDGES, *SIZES, *RELATIONS, "a", "and"]
    return frozenset(word for phrase in spoken for word in phrase.split()) - {"normal"}


RELATIONS = ("to the left of", "to the right of", "in front of", "behind")


def _things(scene: Scene, chance: Chance) -> str:
    pairs = list(combinations(scene.things, 2))
    if len(scene.things) == 2 and chance.random() < 0.35:
        first, second = pairs[0] if chance.random() < 0.5 else pairs[0][::-1]
        relation = _relation(first, second, chance)
        return f"{_said(first, chance, 0)} {relation} {_said(second, chance, 0)}"
    order = chance.permutation(len(scene.things))
    return " and ".join(_said(scene.things[index], chance, 0.75) for index in order)


def _relation(first: Thing, second: Thing, chance: Chance) -> str:
    """How the first stands to the second; both ways of saying it are true."""
    ordered = list(PLACES)
    beside = RELATIONS[0 if ordered.index(first.place) < ordered.index(second.place) else 1]
    if abs(first.depth - second.depth) < BEFORE or chance.random() < 0.5:
        return beside
    return RELATIONS[2 if first.depth > second.depth else 3]


def _said(thing: Thing, chance: Chance, place: float) -> str:
    named = _named(thing, int(chance.integers(2)), sized=chance.random() < 0.8)
    return f"{named} {_placed(thing)}" if chance.random() < place else named


def _named(thing: Thing, name: int, *, sized: bool = True) -> str:
    size = f"{thing.size} " if sized and thing.size != "normal" else ""
    names = KIND_WORDS.get(thing.kind, (thing.kind,))
    first = size or thing.colour
    article = "an" if first[0] in "aeiou" else "a"
    return f"{article} {size}{thing.colour} {names[name % len(names)]}"


def _placed(thing: Thing) -> str:
    return PLACE_WORDS[thing.place][0]


def _either(words: tuple[str, ...], chance: Chance) -> str:
    return words[int(chance.integers(len(words)))]
