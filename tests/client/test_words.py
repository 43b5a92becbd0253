"""What both panels say: one sentence for each state, remedies with their errors, no hint twice."""

from dataclasses import replace

import pytest
from protocol_examples import PLAN, RESULT

from bottega_client.entries import FAILED, PAINTING, PLACED, READY, STOPPED, Entry
from bottega_client.reports import Outcome, Report
from bottega_client.wishes import Wish
from bottega_client.words import advice_for, hints_for, plan_text, stage_of, summary_note
from bottega_protocol.errors import Refusal
from bottega_protocol.messages import JobSummary
from bottega_protocol.results import Timings

JOB = bytes(16)
ERROR = Refusal("no-room", "The disk is full.", "Free some space.")
ENTRY = Entry(JOB, "fill", Wish())
HINTED = replace(RESULT, recipe=replace(RESULT.recipe, hints=("It is soft.", "It is long.")))
OUTCOME = Outcome(JOB, HINTED, Timings(), 0.1, 1.25)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (ENTRY, "Preparing"),
        (replace(ENTRY, state=PAINTING, report=Report("denoising", "Painting")), "Painting"),
        (replace(ENTRY, state=READY), "Ready: tick what you want"),
        (replace(ENTRY, state=READY, error=ERROR), "Not placed"),
        (replace(ENTRY, state=FAILED, error=ERROR), "Not painted"),
        (replace(ENTRY, state=STOPPED), "Stopped. Nothing was placed."),
        (replace(ENTRY, state=PLACED), "Placed"),
    ],
)
def test_every_state_has_its_words(entry, said):
    """Also that of a job which has not been heard of yet."""
    assert stage_of(entry) == said


def test_a_placed_job_says_how_it_was_painted():
    """Seed, seconds and model; what was brought back took no time to paint."""
    recipe = RESULT.recipe
    placed = replace(ENTRY, state=PLACED, outcome=OUTCOME)
    assert stage_of(placed) == f"Seed {recipe.seed}, 1.2 s, {recipe.model_name}"
    brought = replace(placed, outcome=replace(OUTCOME, total=0.0))
    assert stage_of(brought) == f"Seed {recipe.seed}, {recipe.model_name}"


def test_an_error_comes_with_its_remedy():
    """In the order in which they are read; without an error there is nothing to advise."""
    assert advice_for(replace(ENTRY, state=FAILED, error=ERROR)) == (
        "The disk is full.\nFree some space."
    )
    assert advice_for(ENTRY) == ""


def test_a_hint_is_not_said_twice():
    """What stands beside it already is left out."""
    placed = replace(ENTRY, state=PLACED, outcome=OUTCOME)
    assert hints_for(placed) == "It is soft.\nIt is long."
    assert hints_for(placed, "512 by 512 px\nIt is soft.") == "It is long."


def test_a_plan_is_told_with_its_hints_or_its_size():
    """The painted size is said where no hint says it."""
    plain = plan_text(replace(PLAN, hints=(), ahead=2))
    assert plain == "256 by 192 px, painted at 144 by 112, 2 ahead"
    assert plan_text(replace(PLAN, hints=("It is soft.",), ahead=0)) == "256 by 192 px\nIt is soft."


def test_a_kept_job_says_its_state_where_that_is_news():
    """Finished ones are what everybody expects."""
    kept = JobSummary(JOB, "", "refine", "a ball", "finished", 1.7e9, count=4)
    assert summary_note(kept).startswith("Refine, 4 variations, ")
    assert "failed" in summary_note(replace(kept, state="failed"))
