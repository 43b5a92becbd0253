"""The board between a panel, an Easel and an editor: what is shown, asked and followed."""

import threading
from dataclasses import replace
from types import SimpleNamespace

import pytest
from fakes.paper import Paper

from bottega_client.board import Board
from bottega_client.easel import Easel
from bottega_client.editor import EditorError
from bottega_client.entries import Recent
from bottega_client.launch import NoServer
from bottega_client.sight import Sight
from bottega_client.wishes import Wish

PATIENCE = 60


class Written:
    """A panel of paper: every part writes down what it is to show."""

    def __init__(self):
        self.shown = []
        self.entries = {}
        self.front = None
        self.capability = "fill"
        self.asked = Wish("a boat", seed=4)
        for part in ("paint", "history", "recent", "notice", "status", "zoom"):
            setattr(self, part, self._part(part))
        self.paint.wish = lambda: self.asked
        self.paint.capability = self.capability
        self.turn_to(self.paint)

    def _part(self, part):
        def verb(name):
            return lambda *words, **named: self.shown.append((part, name, words, named))

        names = (
            *("show_wish", "show_context", "show_used", "show_offers", "show_plan"),
            *("say", "warn", "settle", "clear", "show_connected", "show_absent"),
            *("show_pasts", "show_page", "ask", "look_at", "show_entry", "show_picture"),
        )
        return SimpleNamespace(**{name: verb(name) for name in names})

    def shows(self, page):
        return self.front is page

    def turn_to(self, page):
        self.front = page

    def entry(self, job):
        return self.entries.get(job)

    def show_entry(self, entry):
        self.entries[entry.job] = entry

    def remove(self, job):
        del self.entries[job]

    def told(self, part, name):
        """The words with which a part was asked to do this."""
        return [words for each, verb, words, _ in self.shown if (each, verb) == (part, name)]


class OnePaper:
    """An editor with one picture, or none."""

    def __init__(self):
        self.paper = Paper()
        self.open = True
        self.copied = []
        self.kept = []
        self.server = None

    def address(self):
        return self.server

    def keep_address(self, address):
        self.server = address

    def sight(self):
        if not self.open:
            return Sight()
        box = self.paper.canvas().selection
        corners = None if box is None else (box.x, box.y, box.right, box.bottom)
        return Sight(self.paper.document, (256, 192), corners)

    def editor(self, _):
        if not self.open:
            raise EditorError("No picture is open.", "Open one.")
        return self.paper

    def notes(self):
        return self.paper.text

    def keep(self, wish):
        self.kept.append(wish)

    def copy(self, text):
        self.copied.append(text)


class Studio:
    """A board with everything that it joins; events are shown one at a time, as on a UI thread."""

    def __init__(self):
        self.face, self.bench = Written(), OnePaper()
        self.news = threading.Condition(threading.RLock())
        self.easel = Easel("test", self.tell)
        self.board = Board(self.easel, self.face, self.face.zoom, self.bench)

    def tell(self, event):
        with self.news:
            self.board.show(event)
            self.news.notify_all()

    def until(self, condition):
        with self.news:
            assert self.news.wait_for(condition, PATIENCE), self.easel.diagnostics()

    def do(self, work, *words):
        with self.news:
            self.board.guard(work, *words)


@pytest.fixture
def studio(served, monkeypatch):
    """A board that has found this server."""
    monkeypatch.setenv("BOTTEGA_DATA", str(served.data))
    one = Studio()
    one.easel.start()
    one.until(lambda: one.face.told("paint", "show_offers"))
    yield one
    one.easel.close()


def test_what_is_seen_is_quoted_once_and_again_when_it_changes(studio):
    """Three looks at the same picture are one question; another selection is another."""
    for _ in range(3):
        studio.do(studio.board.look)
    studio.until(lambda: studio.face.told("paint", "show_plan"))
    studio.bench.paper.mask[:] = 0
    studio.bench.paper.mask[:20, :20] = 255
    studio.do(studio.board.look)
    studio.until(lambda: len(studio.face.told("paint", "show_plan")) > 1)
    plans = [plan for plan, *_ in studio.face.told("paint", "show_plan")]
    assert len(plans) == 2
    assert plans[0].rectangle != plans[1].rectangle


def test_a_click_paints_places_and_shows_the_seed_and_the_history(studio):
    """From the button to the layer; what was chosen is kept."""
    studio.face.turn_to(studio.face.history)
    studio.do(studio.board.begin)
    studio.until(lambda: studio.bench.paper.placed)
    studio.until(lambda: any(studio.face.told("history", "show_pasts")[-1:]))
    (job,) = studio.face.entries
    assert studio.bench.kept == [studio.face.asked]
    assert (4,) in studio.face.told("paint", "show_used")
    studio.until(lambda: studio.face.entries[job].state == "placed")
    studio.do(studio.board.use_again, job)
    ((wish, capability),) = studio.face.told("paint", "show_wish")
    assert (wish.prompt, wish.seed, capability) == ("a boat", 4, "fill")
    assert studio.face.shows(studio.face.paint)


def test_another_capability_than_the_buttons_has_its_own_strength(studio):
    """The slider's belongs to what the button says."""
    studio.face.asked = Wish("a boat", strength=0.25)
    studio.do(studio.board.begin, "refine")
    studio.until(studio.easel.entries)
    assert studio.easel.entries()[0].wish.strength is None


def test_what_paints_over_a_picture_is_for_the_one_in_front(studio):
    """An action may ask for it while the fields say that a new picture is wanted."""
    studio.face.asked = Wish("a boat", width=64, height=64)
    studio.do(studio.board.begin, "refine")
    studio.until(studio.easel.entries)
    assert studio.easel.entries()[0].wish.new_size is None


def test_what_goes_wrong_is_shown_with_its_remedy(studio):
    """Our own mistakes too: nothing escapes to the editor."""
    studio.bench.open = False
    studio.do(studio.board.begin)
    studio.do(lambda: 1 // 0)
    no_picture, fault = studio.face.told("notice", "warn")[-2:]
    assert no_picture[:2] == ("No picture is open.", "Open one.")
    assert "failed" in fault[0]


def test_diagnostics_are_copied_without_the_token(studio, served):
    """And it is said that they hold none."""
    studio.do(studio.board.copy_diagnostics)
    (text,) = studio.bench.copied
    assert "Server: " in text
    assert served.token not in text


def test_a_list_stays_where_the_server_could_not_be_asked_again(studio):
    """What it shows may well be there still; the notice says what is wrong."""
    known = Recent((), "boat", 0)
    studio.do(studio.board.show, known)
    studio.do(studio.board.show, replace(known, error=NoServer("It is gone.")))
    assert studio.face.told("recent", "show_page") == [(known,)]
    assert studio.face.told("notice", "warn")[-1][0] == "It is gone."
