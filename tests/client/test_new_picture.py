"""A picture of its own size: made when the first layer of its result arrives."""

import pytest
from client.panel import Panel
from fakes.paper import LAYOUT, Paper

from bottega_client import history
from bottega_client.editor import EditorError
from bottega_client.new_picture import NewPicture
from bottega_client.wishes import Wish
from bottega_protocol.regions import Size

SIZE = Size(128, 64)


class Shop:
    """Makes empty papers, and remembers them."""

    def __init__(self):
        self.made = []
        self.picture = NewPicture(SIZE, LAYOUT, lambda work: work(), self.make)

    def make(self, name):
        paper = Paper(SIZE.width, SIZE.height, (0, 0, 0, 0))
        paper.document = name
        self.made.append(paper)
        return paper


@pytest.fixture
def panel(served, monkeypatch):
    """A panel whose Easel finds this server."""
    monkeypatch.setenv("BOTTEGA_DATA", str(served.data))
    one = Panel()
    yield one
    one.easel.close()


def test_a_single_variation_becomes_a_picture_of_that_size_which_remembers_it(panel):
    """Nothing is made before it is painted; nothing of another picture is read."""
    shop = Shop()
    job = panel.easel.order(shop.picture, "generate", Wish("a boat", width=128, height=64))
    entry = panel.entry(job, "placed", "failed")
    assert entry.error is None
    (paper,) = shop.made
    assert (paper.document, paper.reads) == (entry.document, 0)
    ((key, (layer,)),) = paper.placed
    assert key == job
    assert (layer.layer.rectangle.size, layer.mask) == (SIZE, None)
    assert [past.job for past in history.read(paper.text)] == [job]


def test_picked_variations_are_layers_of_one_new_picture(panel):
    """The first makes it, the second joins it."""
    shop = Shop()
    wish = Wish("a boat", count=2, width=128, height=64)
    job = panel.easel.order(shop.picture, "generate", wish)
    panel.entry(job, "ready")
    assert shop.made == []
    panel.easel.place(job, (0, 1))
    panel.until(lambda: shop.made and len(shop.made[0].placed) == 2)
    assert len(shop.made) == 1


def test_a_new_picture_that_was_closed_is_made_once_more(panel):
    """When the artist asks for its result again."""
    shop = Shop()
    job = panel.easel.order(shop.picture, "generate", Wish("a boat", width=128, height=64))
    panel.entry(job, "placed")

    def closed():
        raise EditorError("The picture has been closed.")

    shop.made[0].canvas = closed
    panel.easel.place(job, (0,))
    panel.until(lambda: len(shop.made) == 2 and shop.made[1].text)
    assert len(shop.made[1].placed) == 1


def test_a_job_that_fails_leaves_no_empty_picture(panel):
    """What can't be read is said; no picture was made for it."""
    shop = Shop()
    job = panel.easel.order(shop.picture, "refine", Wish("a boat", width=128, height=64))
    entry = panel.entry(job, "failed")
    assert "holds nothing" in entry.error.message
    assert shop.made == []
