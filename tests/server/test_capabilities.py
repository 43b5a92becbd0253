"""Orders of every capability, with a selection and without."""

import pytest
from fakes.orders import Order

from bottega_protocol.messages import Accepted, Finished, Need


@pytest.mark.parametrize(
    ("capability", "selected", "needed"),
    [("generate", False, 0), ("generate", True, 1), ("refine", False, 1), ("refine", True, 2)],
)
def test_a_job_needs_the_blobs_that_its_request_names(served, capability, selected, needed):
    """None at all where there is neither a picture nor a selection: it is accepted at once."""
    order = Order("a boat", capability=capability, selected=selected, count=2)
    assert len(order.blobs) == needed
    client = served.client()
    finished = list(order.follow(client))[-1]
    assert isinstance(finished, Finished)
    assert [layer.variation for layer in finished.result.layers] == [0, 1]
    one, two = (client.fetch(layer.pixels) for layer in finished.result.layers)
    assert one != two
    assert all((layer.mask is not None) == selected for layer in finished.result.layers)


def test_a_job_without_blobs_is_accepted_without_a_question(line):
    """The first answer to its submit."""
    order = Order(capability="generate", selected=False)
    assert isinstance(line.ask(order.submit, Accepted, Need), Accepted)
    assert line.until(Finished).job == order.job
