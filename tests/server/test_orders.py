"""Which orders are taken: refusals before any pixel is sent, and blobs that are what they claim."""

from dataclasses import replace

import pytest
from fakes.orders import FOUR_BYTES, Order, submit

from bottega_backend.server.orders import result_bytes
from bottega_protocol.messages import (
    Accepted,
    AskResults,
    Finished,
    Need,
    Refused,
    Results,
    Stopped,
    Stored,
)


@pytest.mark.parametrize("accepted", [False, True])
def test_the_same_id_with_other_content_is_a_conflict(line, accepted):
    """The first job stays what it was."""
    order = Order()
    if accepted:
        submit(line, order)
    else:
        line.ask(order.submit, Need)
    other = replace(order.submit, request=replace(order.request, prompt="other"))
    assert line.ask(other, Refused).code == "conflict"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"model": "nobody's"}, "unknown-model"),
        ({"sampler": "nobody's"}, "unknown-sampler"),
        ({"prompt": "a {red|__nobody__} ball"}, "unknown-wildcard"),
        ({"negative": "__../server__ __x__"}, "unknown-wildcard"),
        # Fits a frame, but the result that repeats it would not.
        ({"prompt": 8000 * FOUR_BYTES, "negative": 6300 * FOUR_BYTES}, "prompt-too-long"),
    ],
)
def test_what_cannot_be_done_is_refused_before_any_pixel_is_sent(line, fields, code):
    """With a code and a remedy."""
    order = Order()
    request = replace(order.request, **fields)
    refused = line.ask(replace(order.submit, request=request), Refused)
    assert refused.code == code
    assert refused.remedy


def test_wildcards_lie_in_the_data_folder(served, line):
    """Read anew each time; a refusal tells which there are."""
    folder = served.data / "wildcards"
    folder.mkdir()
    (folder / "colour.txt").write_text("red\n")
    order = Order("a __colour__ __thing__")
    refused = line.ask(order.submit, Refused)
    assert "__colour__" in refused.remedy
    (folder / "thing.txt").write_text("ball\n")
    assert line.ask(order.submit, Need).hashes


def test_the_longest_prompts_that_are_accepted_are_answered(served):
    """The result repeats them."""
    order = Order(8000 * FOUR_BYTES, negative=6000 * FOUR_BYTES)
    finished = list(order.follow(served.client()))[-1]
    assert finished.result.recipe.prompt == order.request.prompt


def test_bytes_of_another_hash_are_not_stored(line):
    """The transfer is stopped; the job still waits; the right bytes mend it."""
    order = Order()
    line.ask(order.submit, Need)
    hashes = list(order.blobs)
    line.upload(1, hashes[0], bytes(len(order.blobs[hashes[0]])))
    assert line.until(Stopped).code == "wrong-hash"
    submit(line, order)
    assert line.until(Finished)


def test_a_blob_of_another_size_than_its_image_is_refused(line):
    """Its hash is right, but it is not what the request says that it is."""
    order = Order()
    request = order.request
    bigger = replace(request.pixels, depth="u16")
    lying = replace(order.submit, request=replace(request, pixels=bigger))
    line.ask(lying, Need)
    for transfer, (sha256, content) in enumerate(order.blobs.items()):
        line.upload(transfer, sha256, content)
    assert line.until(Refused).code == "wrong-size"


def test_a_blob_that_is_there_is_not_sent_again(line):
    """A second job with the same pixels needs nothing; an offer of them is answered at once."""
    order = Order()
    submit(line, order)
    second = Order()
    again = replace(second.submit, request=order.request)
    assert line.ask(again, Accepted)
    line.heard.clear()
    line.upload(9, order.request.pixels.sha256, order.pixels)
    assert line.until(Stored).transfer == 9


def test_room_is_reserved_for_every_variation():
    """Pixels of 16 bits at least for each, and one mask."""
    assert result_bytes(Order(side=10, count=1).request) == 100 * (8 + 1)
    assert result_bytes(Order(side=10, count=8, capability="generate").request) == 100 * (64 + 1)


def test_what_variations_choose_must_fit_their_answer(served, line):
    """Each chooses another long line; together they would break the frame."""
    folder = served.data / "wildcards"
    folder.mkdir(exist_ok=True)
    lines = "\n".join(letter * 7000 for letter in "abcdefghijklmnop")
    (folder / "saga.txt").write_text(lines)
    order = Order("__saga__", count=8)
    refused = line.ask(order.submit, Refused)
    assert (refused.code, "fewer" in refused.remedy) == ("prompt-too-long", True)
    assert line.ask(Order("__saga__", count=1).submit, Need)


def test_results_are_found_by_words_and_by_document(line):
    """The list that an editor shows of one picture, or of a search."""
    for prompt, document in (("a red kite", "krita/9"), ("a blue kite", "krita/8")):
        submit(line, Order(prompt, document=document))
        line.until(Finished)
    found = line.ask(AskResults(1, search="KITE"), Results).jobs
    assert [job.prompt for job in found] == ["a blue kite", "a red kite"]
    found = line.ask(AskResults(2, search="kite red"), Results).jobs
    assert [job.document for job in found] == ["krita/9"]
    found = line.ask(AskResults(3, document="krita/8"), Results).jobs
    assert [job.prompt for job in found] == ["a blue kite"]
