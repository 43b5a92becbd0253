"""Everything that a request leaves open, decided: sampler, steps, guidance, sizes."""

from __future__ import annotations

from dataclasses import dataclass

from bottega_backend.offers.effort import guidance_of, selected
from bottega_backend.offers.hints import hints, word_hints
from bottega_backend.offers.sizes import DETAIL, Sizes, choose_sizes
from bottega_backend.offers.steps import all_steps, share_to_paint, steps_to_run
from bottega_backend.offers.table import choose_sampler
from bottega_backend.offers.tiles import tiles_of
from bottega_backend.shelf.catalog import Model
from bottega_backend.shelf.words import known_words
from bottega_protocol.regions import Rectangle, Size
from bottega_protocol.requests import AnyRequest, FillRequest, GenerateRequest, capability_of
from bottega_protocol.results import Recipe


@dataclass(frozen=True)
class Course:
    """One pass: the picture's size in it, its tiles, and how many of the last steps are run."""

    size: Size
    tiles: tuple[Rectangle, ...]
    runs: int


def resolve(request: AnyRequest, model: Model) -> tuple[Recipe, tuple[Course, ...]]:
    """What goes into the result, and the passes from coarse to fine."""
    strength = 1.0 if isinstance(request, GenerateRequest) else request.strength
    rectangle = request.rectangle
    sizes = choose_sizes(rectangle.size, model.native, request.quality, details=model.details)
    sampler = choose_sampler(request.sampler, model)
    steps = all_steps(request.steps, sampler, model, request.quality)
    courses = _courses(request, model.native, sizes, (steps, strength, sampler))
    recipe = Recipe(
        capability=capability_of(request),
        model=model.id,
        model_name=model.name,
        sampler=sampler,
        steps=steps,
        guidance=guidance_of(request, model),
        strength=strength,
        seed=request.seed,
        prompt=request.prompt,
        negative=request.negative,
        clip_skip=request.clip_skip,
        painted=sizes.painted,
        quality=request.quality,
        composed=sizes.composed,
        tiles=len(courses[-1].tiles),
        hints=(
            *hints(rectangle.size, sizes, request.quality, details=model.details),
            *word_hints(request.prompt, known_words(model.folder)),
        ),
    )
    return recipe, courses


def starts_from_noise(recipe: Recipe) -> bool:
    """Whether the strength asks for all of the steps, so that nothing of the original is kept."""
    return steps_to_run(recipe.steps, recipe.strength, recipe.sampler) == recipe.steps


def _courses(
    request: AnyRequest, native: Size, sizes: Sizes, run: tuple[int, float, str]
) -> tuple[Course, ...]:
    """The first pass with the request's strength, those after it for detail."""
    steps, strength, sampler = run
    first = strength
    if isinstance(request, FillRequest):
        first = share_to_paint(strength, request.intent, request.prompt)
    return tuple(
        Course(
            size,
            tiles_of(size, request.rectangle, selected(request), native),
            steps_to_run(steps, min(strength, DETAIL) if number else first, sampler),
        )
        for number, size in enumerate(sizes.passes)
    )
