"""What the panel says about jobs, plans and results; pure, no GTK."""

from __future__ import annotations

import time

from bottega_client.choose import CAPABILITIES, label_of
from bottega_client.entries import FAILED, PLACED, READY, STOPPED, Entry
from bottega_client.history import Past
from bottega_protocol.messages import JobSummary
from bottega_protocol.offers import Plan

WHEN = "%d %b %H:%M"


def stage_of(entry: Entry) -> str:
    """A job's state in a few words."""
    if entry.error is not None and entry.state in (FAILED, READY):
        return entry.error.message
    if entry.state == READY:
        return "Ready: tick what you want"
    if entry.state == STOPPED:
        return "Stopped. Nothing was painted."
    if entry.state == PLACED:
        return _placed(entry)
    return "Preparing" if entry.report is None else entry.report.text


def advice_for(entry: Entry, said: str = "") -> str:
    """What helps where something went wrong, or what the server has to say about the result.

    What is `said` beside it already is not said again.
    """
    if entry.error is not None:
        return entry.error.remedy
    hints = () if entry.outcome is None else entry.outcome.result.recipe.hints
    return "\n".join(hint for hint in hints if hint not in said)


def plan_text(plan: Plan) -> str:
    """What would be painted, with what the server has to say about it."""
    size, painted = plan.rectangle.size, plan.painted
    told = [f"{size.width} by {size.height} px"]
    if not plan.hints:
        told.append(f"painted at {painted.width} by {painted.height}")
    if plan.ahead:
        told.append(f"{plan.ahead} ahead")
    return "\n".join((", ".join(told), *plan.hints))


def past_note(past: Past) -> str:
    """The second line of a result in the history."""
    return ", ".join(
        (
            label_of(CAPABILITIES, past.capability),
            f"seed {past.seed}",
            time.strftime(WHEN, time.localtime(past.time)),
            past.model_name or past.model,
        )
    )


def summary_note(job: JobSummary) -> str:
    """The second line of a result that the server keeps."""
    many = f", {job.count} variations" if job.count > 1 else ""
    when = time.strftime(WHEN, time.localtime(job.submitted))
    return f"{label_of(CAPABILITIES, job.capability)}{many}, {job.state}, {when}"


def _placed(entry: Entry) -> str:
    outcome = entry.outcome
    if outcome is None:
        return "Placed"
    recipe = outcome.result.recipe
    return f"{recipe.model_name}, {outcome.total:.1f} s, seed {recipe.seed}"
