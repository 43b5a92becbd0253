"""A small share of every section of `make faults`: each holds, and counts something."""

import sys

import pytest
from faults.given import Given
from faults.table import SECTIONS


@pytest.mark.timeout(600)
@pytest.mark.parametrize("entry", SECTIONS, ids=[entry.name for entry in SECTIONS])
def test_a_share_of_each_section_holds(entry, tmp_path):
    """Nothing is broken, and something was counted."""
    figures = entry.load()(Given(entry.least, 1, tmp_path, sys.stderr.write))
    assert figures.broken == ()
    assert any(figures.counts.values())
