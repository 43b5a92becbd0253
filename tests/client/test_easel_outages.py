"""The Easel when the server dies, the editor quits, or the document comes back."""

import os
import signal
import socket
import threading

import pytest
from client.panel import Panel
from fakes.paper import Paper
from fakes.served import Served

from bottega_client import history, transport
from bottega_client.connection import Connection
from bottega_client.entries import Absent, Connected, Zoomed
from bottega_client.launch import NoServer, address_of
from bottega_client.transport import Disconnected
from bottega_client.wishes import Wish


@pytest.fixture
def own(tmp_path, monkeypatch):
    """A server of this test's own; it comes back on another port."""
    monkeypatch.setenv("BOTTEGA_DATA", str(tmp_path / "data"))
    with Served(tmp_path / "data") as server:
        yield server


@pytest.fixture
def panels():
    """Makes panels, and closes them."""
    made = []

    def make(**options):
        made.append(Panel(**options))
        return made[-1]

    yield make
    for panel in made:
        panel.easel.close()


def test_a_server_that_is_killed_and_comes_back_costs_nothing(own, panels, tmp_path):
    """Also on another port: the jobs wait for it, and each layer arrives once."""
    panel, paper, gate = panels(), Paper(), tmp_path / "gate"
    before = panel.connected()
    jobs = [panel.easel.order(paper, "fill", Wish(f"hold:{gate} {n}", count=n)) for n in (1, 2)]
    for job in jobs:
        panel.entry(job, "painting")
    own.kill()
    panel.next(Absent)
    panel.until(lambda: all(e.report.stage == "waiting" for e in panel.easel.entries()))
    gate.touch()
    own.start()
    panel.entry(jobs[0], "placed")
    panel.entry(jobs[1], "ready")
    panel.easel.place(jobs[1], (1,))
    panel.until(lambda: len(paper.placed) == 2)
    assert paper.placed[0][0] == jobs[0]
    after = [each for each in panel.events if isinstance(each, Connected)][-1]
    assert after.address.url != before.address.url
    states = {row.job: row.state for row in own.client().results()}
    assert states == dict.fromkeys(jobs, "finished")


def test_a_job_can_be_stopped_while_the_server_is_gone(own, panels, tmp_path):
    """The artist is not kept waiting for a server that nobody starts."""
    panel = panels()
    job = panel.easel.order(Paper(), "fill", Wish(f"hold:{tmp_path / 'never'}"))
    panel.entry(job, "painting")
    own.kill()
    panel.until(lambda: panel.easel.entries()[0].report.stage == "waiting")
    panel.easel.stop(job)
    assert panel.entry(job, "stopped").error is None


def test_a_job_that_was_stopped_in_an_outage_does_not_come_back(own, panels, tmp_path):
    """The server hears of it when it is there again, and opening the document brings nothing."""
    panel, paper, gate = panels(), Paper(), tmp_path / "gate"
    job = panel.easel.order(paper, "fill", Wish(f"hold:{gate}"))
    panel.entry(job, "painting")
    own.kill()
    panel.until(lambda: panel.easel.entries()[0].report.stage == "waiting")
    panel.easel.stop(job)
    panel.entry(job, "stopped")
    own.start()
    client = own.client()
    while not client.results()[0].fetched or client.results()[0].state != "cancelled":
        pass
    gate.touch()
    panel.easel.close()
    second = panels()
    second.easel.resume(paper)
    other = second.easel.order(paper, "fill", Wish("another"))
    second.entry(other, "placed")
    assert [entry.job for entry in second.easel.entries()] == [other]
    assert [key for key, _ in paper.placed] == [other]


def test_a_stop_made_in_an_outage_outlives_the_editor(own, panels, tmp_path):
    """It is told when the editor is opened again, and the document does not get the result."""
    folder, paper, gate = tmp_path / "stops", Paper(), tmp_path / "gate"
    first = panels(folder=folder)
    job = first.easel.order(paper, "fill", Wish(f"hold:{gate}"))
    first.entry(job, "painting")
    own.kill()
    first.until(lambda: first.easel.entries()[0].report.stage == "waiting")
    first.easel.stop(job)
    first.entry(job, "stopped")
    first.easel.close()
    assert [file.name for file in folder.iterdir()] == [job.hex()]
    own.start()
    second = panels(folder=folder)
    second.easel.resume(paper)
    other = second.easel.order(paper, "fill", Wish("another"))
    client = own.client()
    while {row.job: row.state for row in client.results()}[job] != "cancelled":
        pass
    gate.touch()
    second.entry(other, "placed")
    while any(folder.iterdir()):
        pass
    assert [entry.job for entry in second.easel.entries()] == [other]
    assert [key for key, _ in paper.placed] == [other]


@pytest.mark.usefixtures("own")
def test_a_stop_of_another_servers_job_waits_for_that_server(panels, tmp_path):
    """What this one does not know it is not told; a stop that was told is not kept."""
    folder = tmp_path / "stops"
    folder.mkdir()
    foreign = folder / bytes(16).hex()
    foreign.touch()
    panel = panels(folder=folder)
    job = panel.easel.order(Paper(), "fill", Wish(f"hold:{tmp_path / 'never'}"))
    panel.entry(job, "painting")
    panel.easel.stop(job)
    panel.entry(job, "stopped")
    while len(list(folder.iterdir())) > 1:
        pass
    assert list(folder.iterdir()) == [foreign]


def test_what_is_here_already_is_placed_and_shown_without_a_server(own, panels):
    """Its pixels were fetched with the thumbnails."""
    panel, paper = panels(), Paper()
    panel.connected()
    job = panel.easel.order(paper, "fill", Wish("a boat", count=2))
    panel.entry(job, "ready")
    own.kill()
    panel.next(Absent)
    panel.easel.zoom(job, 0, 64)
    panel.next(Zoomed)
    panel.easel.place(job, (1,))
    panel.entry(job, "placed")
    assert len(paper.placed) == 1


def test_an_entry_says_again_what_it_said_before_it_waited(own, panels):
    """Here nothing: a variation that was dropped is looked at once the server is back."""
    panel = panels()
    panel.easel._tools.kept._most = 1
    job = panel.easel.order(Paper(), "fill", Wish("a boat", count=2))
    panel.entry(job, "ready")
    own.kill()
    panel.next(Absent)
    panel.easel.zoom(job, 0, 64)
    panel.until(lambda: panel.easel.entries()[0].report is not None)
    assert panel.easel.entries()[0].report.stage == "waiting"
    own.start()
    panel.next(Zoomed)
    assert panel.easel.entries()[0].report is None


def test_who_waits_for_an_address_that_never_answers_shares_its_failure(monkeypatch):
    """Eight jobs are not told one after the other, each after ten seconds of its own."""
    monkeypatch.setattr(transport, "OPEN_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        connection = Connection("test", lambda _: None)
        connection.use(address_of(f"127.0.0.1:{silent.getsockname()[1]}", "0" * 40))
        start, failures = threading.Barrier(8), []

        def job():
            start.wait()
            with pytest.raises(NoServer) as failure:
                connection.client()
            failures.append(failure.value)

        jobs = [threading.Thread(target=job) for _ in range(8)]
        for each in jobs:
            each.start()
        for each in jobs:
            each.join()
    assert len(failures) == 8
    assert len(set(map(id, failures))) < 4


def test_without_a_server_an_order_fails_with_what_to_type(tmp_path, panels, monkeypatch):
    """At once, and nothing is read."""
    monkeypatch.setenv("BOTTEGA_DATA", str(tmp_path))
    panel, paper = panels(), Paper()
    entry = panel.entry(panel.easel.order(paper, "fill", Wish("a boat")), "failed")
    assert isinstance(entry.error, NoServer)
    assert "bottega serve" in entry.error.remedy
    assert paper.reads == 0
    assert "no-server" in panel.easel.diagnostics()


def test_absence_is_told_once_and_presence_again(own, panels):
    """The panel is not made to blink every three seconds."""
    panel = panels()
    panel.connected()
    own.kill()
    panel.next(Absent)
    own.start()
    panel.until(lambda: isinstance(panel.events[-1], Connected))
    kinds = [type(each) for each in panel.events]
    assert kinds[0] is Connected
    assert kinds.count(Connected) == 2
    assert 1 <= kinds.count(Absent) <= 2  # the line that broke, then the server that is gone


def test_closing_while_jobs_run_ends_the_threads_and_not_the_jobs(own, panels, tmp_path):
    """Nothing is told any more; the document gets what is finished when it is opened again."""
    first, paper, gate = panels(), Paper(), tmp_path / "gate"
    others = set(threading.enumerate())
    jobs = [first.easel.order(paper, "fill", Wish(f"hold:{gate} {n}", count=n)) for n in (1, 3)]
    for job in jobs:
        first.entry(job, "painting")
    mine = set(threading.enumerate()) - others
    assert len(mine) >= 4
    first.easel.close()
    for thread in mine:
        thread.join(60)
    told = len(first.events)
    assert not any(thread.is_alive() for thread in mine)
    gate.touch()
    client = own.client()
    while {client.outcome(job).__class__.__name__ for job in jobs} != {"Finished"}:
        pass
    assert paper.placed == []
    second = panels()
    second.easel.resume(paper)
    second.entry(jobs[0], "placed")
    second.entry(jobs[1], "ready")
    assert [key for key, _ in paper.placed] == [jobs[0]]
    assert len(first.events) == told
    third = panels()
    third.easel.bring(jobs[0], paper)
    entry = third.entry(jobs[0], "placed")
    assert [each.placed for each in entry.variations] == [True]
    assert len(paper.placed) == 1


@pytest.mark.usefixtures("own")
def test_a_job_that_still_runs_is_brought_and_followed(panels, tmp_path):
    """As on the panel that ordered it."""
    first, paper, gate = panels(), Paper(), tmp_path / "gate"
    job = first.easel.order(paper, "fill", Wish(f"hold:{gate}", seed=4))
    first.entry(job, "painting")
    first.easel.close()
    second = panels()
    second.easel.resume(paper)
    second.entry(job, "painting")
    gate.touch()
    assert second.entry(job, "placed").seed == 4
    assert [key for key, _ in paper.placed] == [job]
    assert history.read(paper.text)[0].job == job


def test_no_call_waits_for_the_server_or_for_the_document(own, panels):
    """With the server stopped and the editor's own thread busy every call comes back."""
    panel, paper = panels(), Paper()
    panel.connected()
    job = panel.easel.order(paper, "fill", Wish("a boat", count=2))
    panel.entry(job, "ready")
    os.kill(own.process.pid, signal.SIGSTOP)
    try:
        # This thread is the editor's own: until it lets go nothing can be read or placed.
        with paper.ui:
            told = len(panel.events)
            for _ in range(20):
                panel.easel.quote(paper, "fill", Wish("b"))
                panel.easel.recent("c")
            late = panel.easel.order(paper, "refine", Wish("d"))
            panel.easel.zoom(job, 1, 64)
            panel.easel.place(job, (0, 1))
            panel.easel.bring(bytes(16), paper)
            panel.easel.resume(paper)
            panel.easel.stop(late)
            panel.easel.stop_all(paper.document)
            panel.easel.discard(late)
            assert late not in {entry.job for entry in panel.easel.entries()}
            assert panel.easel.diagnostics()
            panel.easel.close()
            assert paper.placed == []
            assert not any(isinstance(each, Disconnected) for each in panel.events[told:])
    finally:
        os.kill(own.process.pid, signal.SIGCONT)


@pytest.mark.usefixtures("own")
def test_a_panel_that_fails_at_an_event_costs_no_result(panels):
    """Its mistake is logged, and stands in the diagnostics."""
    panel, paper = panels(), Paper()
    panel.connected()
    write_down, panel.easel._tools.desk._tell = panel.tell, lambda _: 1 / 0
    panel.easel.order(paper, "fill", Wish("a boat"))
    while not paper.placed:
        pass
    panel.easel._tools.desk._tell = write_down
    assert "the panel failed at an event" in panel.easel.diagnostics()
