"""Exit codes: whose fault it was."""

from __future__ import annotations

import pytest

from bottega_backend.cli.exits import Mistake, exit_code
from bottega_backend.errors import Unreadable
from bottega_backend.models.download import CantGet
from bottega_client.actions import JobFailed, Stopped
from bottega_client.editor import EditorError
from bottega_client.launch import NoServer
from bottega_protocol.errors import BadProof, BottegaError, Refusal


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Mistake("x"), 2),
        (EditorError("x"), 2),
        (Refusal("unknown-sampler", "x"), 2),
        (Refusal("unknown-wildcard", "x"), 2),
        (JobFailed("unknown-sampler", "x"), 3),
        (JobFailed("out-of-memory", "x"), 3),
        (Refusal("too-many-pixels", "x"), 2),
        (Refusal("prompt-too-long", "x"), 2),
        (CantGet("x"), 2),
        (Unreadable("places.json", "is no list"), 2),
        (Refusal("no-room", "x"), 4),
        (NoServer("x"), 4),
        (BadProof("x"), 4),
        (Stopped("x"), 130),
    ],
)
def test_every_error_has_its_exit_code(error: BottegaError, code: int) -> None:
    assert exit_code(error) == code
