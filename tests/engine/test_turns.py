"""Whose turn it is: fair by weight, together where it fits."""

from bottega_backend.engine.turns import Limits, Waiting, choose

LIMITS = Limits(rows=8, area=8 * 100)


def parked(job: bytes, used: float = 0.0, rows: int = 2, **more) -> Waiting:
    values = {"signature": "a", "area": 100, "arrival": 0, **more}
    return Waiting(job, rows=rows, used=used, **values)


def test_who_had_least_leads_and_the_first_to_come_breaks_a_tie():
    assert choose([parked(b"x", 2.0), parked(b"y", 1.0, signature="b")], LIMITS) == [b"y"]
    late, early = parked(b"x", arrival=2), parked(b"y", signature="b", arrival=1)
    assert choose([late, early], LIMITS) == [b"y"]


def test_calls_of_one_signature_share_a_forward_up_to_its_rows():
    many = [parked(bytes([n]), float(n)) for n in range(6)]
    assert choose(many, LIMITS) == [b"\0", b"\1", b"\2", b"\3"]


def test_a_call_too_long_for_the_rest_is_passed_over_for_one_that_fits():
    assert choose([parked(b"x", 0, 6), parked(b"y", 1, 4), parked(b"z", 2, 2)], LIMITS) == [
        b"x",
        b"z",
    ]


def test_large_pictures_are_not_joined_and_run_all_the_same():
    large = [parked(b"x", 0, area=1000), parked(b"y", 1, area=1000)]
    assert choose(large, LIMITS) == [b"x"]


def test_device_time_follows_the_weights_among_jobs_that_can_not_merge():
    weights = {b"x": 3.0, b"y": 1.0}
    had = dict.fromkeys(weights, 0)
    for _ in range(400):
        waiting = [parked(job, had[job] / weights[job], signature=job) for job in weights]
        had[choose(waiting, LIMITS)[0]] += 1
    assert had == {b"x": 300, b"y": 100}


def test_nobody_starves_beside_a_crowd_that_always_merges():
    had = dict.fromkeys((b"lone", b"a", b"b", b"c"), 0.0)
    lone = 0
    for _ in range(100):
        waiting = [parked(job, had[job], signature=job == b"lone") for job in had]
        chosen = choose(waiting, LIMITS)
        lone += chosen == [b"lone"]
        for job in chosen:
            had[job] += 1.0 / len(chosen)
    assert 20 <= lone <= 30, "a quarter of the time for one job of four"
