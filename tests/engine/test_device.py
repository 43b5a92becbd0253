"""Which device paints."""

import pytest

from bottega_backend.engine.device import choose_device
from bottega_protocol.errors import Refusal


def test_the_cpu_paints_in_single_precision():
    assert (choose_device("cpu").device.type, choose_device("cpu").dtype.itemsize) == ("cpu", 4)


def test_a_card_that_is_not_there_is_refused_by_its_name():
    """Nobody is given another one than he asked for."""
    with pytest.raises(Refusal, match="cuda:63"):
        choose_device("cuda:63")
