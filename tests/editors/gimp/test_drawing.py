"""An image of the real GIMP as an Editor: every check of inside/drawing.py, in one console run."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from editors.gimp.session import Gimp

pytestmark = pytest.mark.editor
INSIDE = Path(__file__).parent / "inside"
CHECKS = re.findall(r"^def (check_\w+)", (INSIDE / "drawing.py").read_text(), re.MULTILINE)


@pytest.fixture(scope="module")
def ended(console: Gimp) -> dict[str, str]:
    """How every check ended: nothing, or its traceback."""
    inside = console.room.folder / "inside"
    shutil.copytree(INSIDE, inside)
    answer = inside / "answer.json"
    plugin = console.config / "plug-ins" / "bottega-gimp"
    done = console.batch(
        f"import sys; sys.path.insert(0, {str(inside)!r}); from run import run\n"
        f"run('drawing', {[str(inside), str(plugin)]!r}, {str(answer)!r})"
    )
    assert done.returncode == 0, done.stderr
    return json.loads(answer.read_text())


@pytest.mark.parametrize("check", CHECKS)
def test_inside_gimp(ended: dict[str, str], check: str):
    if ended[check]:
        pytest.fail(ended[check], pytrace=False)
