"""What both panels say about jobs, plans and results, in the same words."""

from __future__ import annotations

import time

from bottega_protocol.errors import BottegaError
from bottega_protocol.jobs import FINISHED
from bottega_protocol.messages import JobSummary
from bottega_protocol.offers import Plan

from .choose import CAPABILITIES, label_of
from .entries import FAILED, PLACED, READY, STOPPED, Entry
from .history import Past

WHY_CONNECT = (
    "Bottega finds the server of this computer by itself. For the studio's, paste the invitation "
    "that you were given: the link or the text. For a server in a container, or where this program "
    "runs in a sandbox, give its address and its token: both stand in server.json in its data "
    "folder. Leave both empty to look on this computer again."
)
INVITATION_OR_ADDRESS = "Invitation or address"
TOKEN_FOR_ADDRESS = "Token, with an address"  # noqa: S105  # a field's title

IN_WORDS = {
    "bad-proof": (
        (
            "The server does not let this computer in: the access was taken back, or the token is "
            "another server's."
        ),
        "Ask whoever runs the server for an invitation, and paste it under Connect to a server….",
    ),
}
"""What is said in place of the protocol's own words, by an error's code."""

WHEN = "%d %b %H:%M"

BROUGHT = 0.05
"""Seconds: what was brought from the server was not painted meanwhile."""


def told(error: BottegaError) -> tuple[str, str]:
    """What went wrong and what helps, for the artist."""
    return IN_WORDS.get(error.code, (error.message, error.remedy))


def stage_of(entry: Entry) -> str:
    """A job's state in a few words."""
    if entry.state == FAILED:
        return "Not painted"
    if entry.state == READY:
        return "Ready: tick what you want" if entry.error is None else "Not placed"
    if entry.state == STOPPED:
        return "Stopped. Nothing was placed."
    if entry.state == PLACED:
        return _placed(entry)
    return "Preparing" if entry.report is None else entry.report.text


def advice_for(entry: Entry) -> str:
    """What went wrong and what helps, or what there was to say about the pixels."""
    if entry.error is not None and entry.state in (FAILED, READY):
        return "\n".join(filter(None, told(entry.error)))
    return "" if entry.outcome is None else "\n".join(entry.outcome.remarks)


def hints_for(entry: Entry, said: str = "") -> str:
    """What the server has to say about the result, but for what is `said` beside it already."""
    hints = () if entry.outcome is None else entry.outcome.result.recipe.hints
    return "\n".join(hint for hint in hints if hint not in said)


def plan_text(plan: Plan) -> str:
    """What would be painted, with what the server has to say about it."""
    size, painted = plan.rectangle.size, plan.painted
    lines = [f"{size.width} by {size.height} px"]
    if not plan.hints:
        lines.append(f"painted at {painted.width} by {painted.height}")
    if plan.ahead:
        lines.append(f"{plan.ahead} ahead")
    return "\n".join((", ".join(lines), *plan.hints))


def past_note(past: Past) -> str:
    """The second line of a result in the history."""
    deed, seed = label_of(CAPABILITIES, past.capability), f"seed {past.seed}"
    return ", ".join((deed, _when(past.time), seed, past.model_name or past.model))


def summary_note(job: JobSummary) -> str:
    """The second line of a result that the server keeps."""
    many = f", {job.count} variations" if job.count > 1 else ""
    state = "" if job.state == FINISHED else f", {job.state}"
    return f"{label_of(CAPABILITIES, job.capability)}{many}{state}, {_when(job.submitted)}"


def _when(seconds: float) -> str:
    return time.strftime(WHEN, time.localtime(seconds))


def _placed(entry: Entry) -> str:
    outcome = entry.outcome
    if outcome is None:
        return "Placed"
    recipe = outcome.result.recipe
    took = f", {outcome.total:.1f} s" if outcome.total > BROUGHT else ""
    return f"Seed {recipe.seed}{took}, {recipe.model_name}"
