"""Every code that can cross the wire stands in SPEC.md's table, and no other stands there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SPEC = (ROOT / "protocol" / "SPEC.md").read_text(encoding="utf-8")
BACKEND = ROOT / "backend" / "bottega_backend"
# The client's own errors and those of the command line never leave their process, but the codes
# that a client gives for a stopped transfer do.
ROOMS = (
    ROOT / "protocol",
    *(BACKEND / room for room in ("server", "store", "scheduler", "workers", "offers", "shelf")),
    *(BACKEND / room for room in ("capabilities", "engine", "models", "imaging", "errors.py")),
)
PLACE = {"Refusal": 0, "Stopped": 1, "Refused": 1, "Declined": 1, "Failed": 1, "Broken": 2}
"""Calls that make an error of the wire, and which of their arguments is its code."""

AT_HOME = {
    "error": "the base class's",
    "refused": "a Refusal always gives its own",
    "cannot-serve": "said on standard error",
    "no-device": "ends a worker before it has a job: said in its log",
    "cancelled": "the client's word for its own stop",
    "no-result": "the client's",
    "no-server": "the client's",
    "silent": "the client's",
    "disconnected": "the client's",
    "client-failed": "the client's",
    "editor-error": "the client's",
    "cant-get": "the command line's",
    "easel-error": "the client's",
    "bad-invitation": "the client's",
    "invitation-refused": "the client's",
    "wrong-certificate": "the client's",
    "certificate-expired": "the client's",
    "artists": "the command line's",
    "backup": "the command line's",
}
SHAPE = re.compile(r"[a-z]+(-[a-z]+)*")


def text(node):
    """The word that a node holds, if it has the shape of a code."""
    word = node.value if isinstance(node, ast.Constant) else None
    return {word} if isinstance(word, str) and SHAPE.fullmatch(word) else set()


def in_class(node):
    """`code = "…"` of an error class."""
    for entry in node.body:
        targets = entry.targets if isinstance(entry, ast.Assign) else ()
        targets = (entry.target,) if isinstance(entry, ast.AnnAssign) else targets
        if any(isinstance(target, ast.Name) and target.id == "code" for target in targets):
            yield from text(entry.value)


def in_call(node):
    """The code in the making of an error."""
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    place = PLACE.get(name)
    if place is not None and len(node.args) > place:
        yield from text(node.args[place])


def codes(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            yield from in_class(node)
        elif isinstance(node, ast.Call):
            yield from in_call(node)


def spoken():
    """Every code in the rooms whose errors reach a peer, and where it was found."""
    found = {}
    for room in ROOMS:
        for file in [room] if room.is_file() else sorted(room.rglob("*.py")):
            for code in codes(ast.parse(file.read_text(encoding="utf-8"))):
                found.setdefault(code, file.name)
    return {code: file for code, file in found.items() if code not in AT_HOME}


def listed():
    """The first column of section 7's table."""
    section = SPEC.partition("## 7.")[2].partition("## 8.")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {code for row in rows for code in re.findall(r"`([a-z-]+)`", row)}


def test_every_code_is_in_the_spec():
    """A client in another language knows what it may hear."""
    missing = {code: file for code, file in spoken().items() if code not in listed()}
    assert missing == {}


def test_every_code_in_the_spec_is_used():
    """Nobody prepares for what is never said."""
    assert listed() - set(spoken()) == set()
    assert len(listed()) > 20
