"""An image of the real GIMP as an Editor: every check of inside/, in one console run a module."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from editors.gimp.session import Gimp

pytestmark = pytest.mark.editor
INSIDE = Path(__file__).parent / "inside"
MODULES = ("drawing", "edges")
CHECKS = [
    (module, check)
    for module in MODULES
    for check in re.findall(
        r"^def (check_\w+)", (INSIDE / f"{module}.py").read_text(), re.MULTILINE
    )
]


@pytest.fixture(scope="module")
def ended(console: Gimp) -> dict[str, dict[str, str]]:
    """How every check of every module ended: nothing, or its traceback."""
    inside = console.room.folder / "inside"
    shutil.copytree(INSIDE, inside)
    return {module: run(console, inside, module) for module in MODULES}


def run(console: Gimp, inside: Path, module: str) -> dict[str, str]:
    """The checks of one module, by a GIMP without a window."""
    answer = inside / f"{module}.json"
    plugin = console.config / "plug-ins" / "bottega-gimp"
    done = console.batch(
        f"import sys; sys.path.insert(0, {str(inside)!r}); from run import run\n"
        f"run({module!r}, {[str(inside), str(plugin)]!r}, {str(answer)!r})"
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads(answer.read_text()))


@pytest.mark.parametrize(("module", "check"), CHECKS)
def test_inside_gimp(ended: dict[str, dict[str, str]], module: str, check: str):
    if ended[module][check]:
        pytest.fail(ended[module][check], pytrace=False)
