"""Recent results: pages, and how each of the listed jobs looks."""

import threading
from types import SimpleNamespace

import pytest

from bottega_client.desk import Desk
from bottega_client.entries import Recent, Seen
from bottega_client.gallery import PAGE, Gallery
from bottega_protocol.messages import JobSummary, SmallPicture

PATIENCE = 30


class Keeper:
    """A connection to a server that keeps two pages; it shows a picture only when it may."""

    def __init__(self):
        self.may = threading.Semaphore(0)

    def client(self):
        return self

    def results(self, skip, most, _search, _document):
        numbers = range(skip, min(skip + most, 2 * PAGE))
        return tuple(
            JobSummary(bytes([number]) * 16, "paper", "fill", "a boat", "finished", 1.0)
            for number in numbers
        )

    def picture(self, _job, _side):
        assert self.may.acquire(timeout=PATIENCE)
        return SmallPicture(1, 1, 1, bytes(3))


@pytest.fixture
def looked():
    """A gallery, its server, and all that it tells."""
    told, news = [], threading.Condition()

    def tell(event):
        with news:
            told.append(event)
            news.notify_all()

    def until(condition):
        with news:
            assert news.wait_for(condition, PATIENCE), told

    keeper, desk = Keeper(), Desk(tell)
    desk.start()
    gallery = Gallery(keeper, desk)
    yield SimpleNamespace(gallery=gallery, keeper=keeper, told=told, until=until)
    gallery.close()
    desk.close()
    keeper.may.release(2 * PAGE)


def test_who_asks_for_more_sees_the_pictures_of_both_pages(looked):
    """The next page may come before the first one's pictures have."""

    def told(kind):
        return [each for each in looked.told if isinstance(each, kind)]

    looked.gallery.ask("", "", 0)
    looked.until(lambda: told(Recent))
    looked.gallery.ask("", "", PAGE)
    looked.until(lambda: len(told(Recent)) == len((0, PAGE)))
    looked.keeper.may.release(2 * PAGE)
    looked.until(lambda: told(Seen) and told(Seen)[-1].job[0] == 2 * PAGE - 1)
    assert [each.job[0] for each in told(Seen)] == list(range(2 * PAGE))
