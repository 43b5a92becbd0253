"""Ten million malformed inputs against codec, session and a live server."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from faults.given import Figures, Given
from faults.wide import wide

from .fuzz_atheris import available, fuzz_atheris
from .fuzz_codec import Tally, fuzz_codec, fuzz_sessions
from .fuzz_grammar import fuzz_grammar
from .fuzz_live import fuzz_live, still_works
from .fuzz_pairs import fuzz_pairs
from .fuzz_reach import ENOUGH, reach

CODEC = 7_800_000
SESSIONS = 1_600_000
PAIRS = 100_000
GRAMMAR = 60_000
ATHERIS = 400_000
LIVE = 40_000
"""Of inputs: ten million together."""

REACH = 20_000
"""Of each kind, under coverage."""

BLOCK = 100_000
PROCESSES = 2

STALL = 3.0
"""How many times the heaviest legal frame's processor time one frame may cost."""

PASSED = 0.3
FLAT = 16 * 2**20
"""Bytes by which a process may grow after its first block, or the server after its first tenth."""

KINDS: dict[str, tuple[Callable[..., Tally], int]] = {
    "codec": (fuzz_codec, CODEC),
    "session": (fuzz_sessions, SESSIONS),
    "pairs of sessions": (fuzz_pairs, PAIRS),
}


def run(given: Given) -> Figures:
    """Each kind in turn; blocks that are done are kept."""
    counts: dict[str, int | float | str] = {}
    broken: list[str] = []
    for part in (_blocks, _grammar, _atheris, _live, _reach):
        figures = part(given)
        counts |= figures.counts
        broken += figures.broken
        given.say(f"fuzz: {figures.counts}")
    inputs = sum(int(value) for name, value in counts.items() if name.endswith(", inputs"))
    return Figures({"inputs in all": inputs, **counts}, tuple(broken))


def _blocks(given: Given) -> Figures:
    todo = [
        (name, number, min(BLOCK, count - number * BLOCK))
        for name, (_, full) in KINDS.items()
        for count in [given.count(full)]
        for number in range(-(-count // BLOCK))
    ]
    done: dict[str, Any] = given.kept("blocks") or {}
    left = [block for block in todo if f"{block[0]} {block[1]}" not in done]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, context) as pool:
        running = {f"{b[0]} {b[1]}": pool.submit(block, given.seed, *b) for b in left}
        for name, future in running.items():
            done[name] = future.result()
            given.keep("blocks", done)
            if len(done) % 10 == 0:
                given.say(f"fuzz: {len(done)} of {len(todo)} blocks")
    return _told(list(done.items()))


def block(seed: int, name: str, number: int, count: int) -> dict[str, Any]:
    """One block, in a process of its own; what came of it, as JSON has it."""
    chance = Given(1.0, seed, None, str).random(name, number)  # type: ignore[arg-type]  # no folder
    return {**vars(KINDS[name][0](count, chance)), "process": os.getpid()}


def _told(done: list[tuple[str, dict[str, Any]]]) -> Figures:
    counts: dict[str, int | float | str] = {}
    broken: list[str] = []
    for kind in KINDS:
        blocks = [told for name, told in done if name.rpartition(" ")[0] == kind]
        counts[f"{kind}, inputs"] = sum(told["inputs"] for told in blocks)
        broken += [f"{kind}: {crash}" for told in blocks for crash in told["crashes"][:3]]
    codec = [told for name, told in done if name.startswith("codec")]
    passed = sum(told["passed"] for told in codec) / sum(told["mutants"] for told in codec)
    slowest = max(told["slowest"] for told in codec)
    grown = _grown([told for _, told in done])
    counts |= {
        "mutants that pass the codec": f"{passed:.1%}",
        "codec, costliest input, times the heaviest legal frame": round(slowest, 2),
        "growth of a process after its first block, MB": round(grown / 2**20, 1),
    }
    broken += [f"Only {passed:.1%} of the mutants pass the codec."] if passed < PASSED else []
    broken += [f"An input costs {slowest:.1f} heaviest frames."] if slowest > STALL else []
    broken += [f"A process grew by {grown} bytes."] if grown > FLAT else []
    return Figures(counts, tuple(broken))


def _grown(blocks: list[dict[str, Any]]) -> int:
    """The most that a process grew between the ends of its first and its last block."""
    ends: dict[int, list[int]] = {}
    for told in blocks:
        ends.setdefault(told["process"], []).append(told["memory"][-1])
    return max(max(seen) - seen[0] for seen in ends.values())


def _grammar(given: Given) -> Figures:
    tally = fuzz_grammar(given.count(GRAMMAR), given.seed)
    counts: dict[str, int | float | str] = {"hypothesis, inputs": tally.inputs}
    counts["hypothesis, that pass the codec"] = f"{tally.passed / max(1, tally.inputs):.1%}"
    return Figures(counts, tuple(f"hypothesis: {crash}" for crash in tally.crashes))


def _atheris(given: Given) -> Figures:
    if not available():
        return Figures({"atheris": "is not installed here"})
    ran, edges, crash = fuzz_atheris(given.folder, given.count(ATHERIS, 2000), given.seed)
    broken = (f"atheris: {crash}",) if crash or not ran else ()
    return Figures({"atheris, inputs": ran, "atheris, edges reached": edges}, broken)


def _live(given: Given) -> Figures:
    with wide(given.folder / "live", limits={"megapixels": 0.1}) as served:
        tally, legal = fuzz_live(served, given.count(LIVE, 300), given.random("live"))
        alive, log = still_works(served), served.log()
    memory = tally.memory[len(tally.memory) // 10 :]
    grown = max(memory) - memory[0]
    counts: dict[str, int | float | str] = {
        "live server, inputs": tally.inputs,
        "live server, mutants that pass the codec": f"{tally.passed / tally.mutants:.1%}",
        "live server, heaviest legal frame, ms of its event loop": round(legal * 1e3, 2),
        "live server, costliest input, times that": round(tally.slowest, 2),
        "live server, growth after the first tenth, MB": round(grown / 2**20, 1),
    }
    broken = [] if alive else ["The server does not work any more."]
    broken += ["The server made a mistake: its log has a traceback."] if "Traceback" in log else []
    broken += [f"A frame costs {tally.slowest:.1f} legal ones."] if tally.slowest > STALL else []
    broken += [f"The server grew by {grown} bytes."] if grown > FLAT else []
    return Figures(counts, tuple(broken))


def _reach(given: Given) -> Figures:
    found = reach(given.folder, given.count(REACH, 3000), given.seed)
    counts: dict[str, int | float | str] = {
        f"{name}, % of lines and branches": value for name, value in found.items()
    }
    broken = tuple(
        f"Only {found[name]} % of {name} is reached."
        for name, least in ENOUGH.items()
        if found[name] < least
    )
    return Figures(counts, broken)
