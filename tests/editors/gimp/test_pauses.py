"""GIMP goes on while a picture of 2048 by 2048 pixels is read and placed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from editors.gimp.session import Gimp
from editors.room import wait_for

pytestmark = pytest.mark.editor

HERE = Path(__file__).parent
PRECISIONS = ("U8_NON_LINEAR", "U16_NON_LINEAR", "FLOAT_LINEAR")
WORKS = ("idle", "first", "first drawn", "own", "own drawn", "canvas", "read", "place", "drawn")
CODE = """
import json, sys
sys.path[:0] = {folders!r}
import large
print(json.dumps(large.play({precision!r})))
"""

MOST = 50
"""Milliseconds of the processor's time that GIMP's main thread may spend on us at a time."""

Pauses = dict[str, tuple[float, float, int]]
"""Of each piece of work GIMP's longest pause and what its main thread worked in one, both in
milliseconds, and how often it answered."""


@pytest.fixture(scope="module")
def pauses(gimp: Gimp, artifacts: Path) -> dict[str, Pauses]:
    """By precision; kept to be read."""
    inside, beats = gimp.room.folder / "inside", gimp.room.folder / "beats"
    shutil.copytree(HERE / "inside", inside, dirs_exist_ok=True)
    shutil.copy(HERE / "heart.py", gimp.room.folder)
    # The machine may have others, which do nothing meanwhile: that would be a fine figure.
    process = gimp.python("import os; print(os.getppid())").split()[-1]
    gimp.room.start("heart", "python3", gimp.room.folder / "heart.py", process, beats)
    wait_for(lambda: beats.exists() and beats.stat().st_size, "GIMP's heart")
    folders = [str(inside), str(gimp.config / "plug-ins" / "bottega-gimp")]
    found = {}
    for precision in PRECISIONS:
        said = gimp.python(CODE.format(folders=folders, precision=precision))
        times = json.loads(said.splitlines()[-1])
        found[precision] = {work: _longest(beats, *times[work]) for work in WORKS}
    (artifacts / "gimp-pauses.json").write_text(json.dumps(found, indent=1))
    return found


def _longest(beats: Path, began: float, ended: float) -> tuple[float, float, int]:
    lines = [tuple(map(float, line.split())) for line in beats.read_text().splitlines()[:-1]]
    within = [beat for beat in lines if beat[0] + beat[1] >= began and beat[0] <= ended]
    pause, work = (max((beat[i] for beat in within), default=0.0) for i in (1, 2))
    return round(1000 * pause, 1), round(1000 * work, 1), len(within)


@pytest.mark.parametrize("work", ["canvas", "read", "place"])
@pytest.mark.parametrize("precision", PRECISIONS)
def test_gimp_answers_while_we_read_and_place(pauses: dict[str, Pauses], precision: str, work: str):
    """What it draws afterwards is its own affair: a copied layer costs it about as much."""
    _, worked, _ = pauses[precision][work]
    assert worked < MOST


@pytest.mark.parametrize("precision", PRECISIONS)
def test_gimp_was_asked_all_the_time(pauses: dict[str, Pauses], precision: str):
    """And it was this one: to draw a copied layer takes its main thread tens of milliseconds."""
    assert sum(answers for _, _, answers in pauses[precision].values()) > 100
    assert pauses[precision]["first drawn"][1] > 5
