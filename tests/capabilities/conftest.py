"""A worker with the tiny models."""

import pytest
from fakes.fills import studio
from fakes.tiny import models_folder


@pytest.fixture(scope="module")
def worker():
    """One for the tests of a module."""
    one = studio(models_folder())
    yield one
    one.close()
